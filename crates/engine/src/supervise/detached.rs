use super::{host, plan::Plan, replace_json, run::Run, LOCK, PLAN, STATUS};
use crate::{engine::RunStatus, error::EngineError, files::read_json};
use iog_job::Why;
use std::{
    fs::File,
    io::{Read, Write},
    path::Path,
    process::{Command, Stdio},
};

/// Starts [`supervised`] as nobody's child, and waits for its first word.
pub fn detach(dir: &Path) -> Result<(), EngineError> {
    let program = std::env::current_exe().map_err(|error| host(&error.to_string()))?;
    // The helper's own leading arguments, up to its verb.
    let args = std::env::args_os()
        .skip(1)
        .take_while(|arg| arg != "supervise");
    let mut child = Command::new(program)
        .args(args)
        .arg("supervised")
        .arg(dir)
        .env_clear()
        .stdin(Stdio::null())
        .stdout(Stdio::piped())
        .stderr(Stdio::null())
        .spawn()
        .map_err(|error| host(&format!("the supervisor: {error}")))?;
    let mut word = String::new();
    if let Some(mut stdout) = child.stdout.take() {
        stdout
            .read_to_string(&mut word)
            .map_err(|error| host(&error.to_string()))?;
    }
    match word.as_str() {
        "ok" => Ok(()),
        "" => Err(host("the supervisor ended")),
        error => Err(host(error)),
    }
}

/// The supervisor itself.
pub fn supervised(dir: &Path) -> Result<(), EngineError> {
    rustix::process::setsid().ok();
    let path = dir.join(LOCK);
    let lock = File::create(&path).map_err(EngineError::file(path))?;
    if lock.try_lock().is_err() {
        return say("another supervisor runs");
    }
    let plan: Option<Plan> = read_json(&dir.join(PLAN))?;
    let Some(plan) = plan else {
        return say("there is no plan");
    };
    let mut run = match Run::start(dir, &plan) {
        Ok(run) => run,
        Err(error) => {
            replace_json(
                &dir.join(STATUS),
                &RunStatus::Failed(Why::Host("engine".into())),
            )?;
            return say(&error.to_string());
        }
    };
    let status = run.until_over(|| say("ok"))?;
    replace_json(&dir.join(STATUS), &status)?;
    drop(lock);
    Ok(())
}

/// The first word, and the end of standard output, by which the starter knows that it was all.
fn say(word: &str) -> Result<(), EngineError> {
    let mut stdout = std::io::stdout();
    stdout.write_all(word.as_bytes()).ok();
    stdout.flush().ok();
    let null = File::options().write(true).open("/dev/null");
    let null = null.map_err(EngineError::file("/dev/null"))?;
    rustix::stdio::dup2_stdout(&null).map_err(|error| host(&error.to_string()))
}
