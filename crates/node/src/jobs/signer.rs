//! The job side has no key: the link side signs what it finds, on a connection of its own. redteam J1, L7

use iog_job::{
    frame::{self, MAX_FRAME},
    wire::Control,
    Key, Signed,
};
use std::time::Duration;
use tokio::{
    net::UnixStream,
    sync::{mpsc, oneshot, Mutex},
    time::timeout,
};

/// How long the link side may take to sign.
const SIGN: Duration = Duration::from_secs(5);

struct Request {
    lease: Key,
    message: String,
    to: oneshot::Sender<Signed>,
}

#[derive(Default)]
pub struct Signer(Mutex<Option<mpsc::Sender<Request>>>);

impl Signer {
    /// The statement (hexadecimal), signed by the lease's tunnel key; none where the link side is not there or refuses.
    pub async fn sign(&self, lease: Key, message: String) -> Option<Signed> {
        let ask = self.0.lock().await.clone()?;
        let (to, signed) = oneshot::channel();
        ask.send(Request { lease, message, to }).await.ok()?;
        timeout(SIGN, signed).await.ok()?.ok()
    }

    /// Serves the link side's control connection until it ends. A new one takes the place of an older one.
    pub async fn serve(&self, mut control: UnixStream) {
        let (ask, mut requests) = mpsc::channel::<Request>(64);
        *self.0.lock().await = Some(ask);
        loop {
            let request = tokio::select! {
                request = requests.recv() => request,
                // It says nothing that was not asked for: the connection is over.
                _ = control.readable(), if requests.is_empty() => {
                    let mut byte = [0];
                    match control.try_read(&mut byte) {
                        Err(error) if error.kind() == std::io::ErrorKind::WouldBlock => continue,
                        _ => return,
                    }
                }
            };
            let Some(request) = request else { return };
            match timeout(SIGN, exchange(&mut control, &request)).await {
                Ok(Ok(Control::Signed(signed))) if signed.message == request.message => {
                    let _ = request.to.send(signed);
                }
                Ok(Ok(Control::NotSigned(why))) => {
                    tracing::warn!(lease = %request.lease, %why, "a statement was not signed");
                }
                _ => return,
            }
        }
    }
}

async fn exchange(control: &mut UnixStream, request: &Request) -> std::io::Result<Control> {
    let sign = Control::Sign {
        lease: request.lease,
        message: request.message.clone(),
    };
    frame::write(control, &sign).await?;
    frame::expect(control, MAX_FRAME).await
}
