//! The processes beside a run are this program itself under other verbs.

use crate::{container, image, inside, supervise};
use std::{ffi::OsString, path::Path};

/// Runs a verb of the engine's helper (`iog-keeper engine-helper <verb> ..`) and returns its exit code. The process has one thread when
/// this is called: namespaces of users are not entered with more.
pub fn helper_main(args: &[OsString]) -> i32 {
    let dir = args.get(1).map(Path::new);
    let done = match (args.first().and_then(|verb| verb.to_str()), dir) {
        (Some("supervise"), Some(dir)) => supervise::detach(dir),
        (Some("supervised"), Some(dir)) => supervise::supervised(dir),
        (Some("launch"), Some(dir)) => supervise::launch(dir),
        (Some("inside"), _) => inside::join(),
        (Some("container-pump"), Some(pump)) => container::pump_main(&pump.to_string_lossy()),
        (Some("container-gate"), _) => match container::gate_main() {
            Ok(code) => return code,
            Err(error) => Err(error),
        },
        (Some("pull"), _) => return image::jail_main(args.get(1..).unwrap_or_default()),
        _ => {
            eprintln!(
                "this is called by the engine: supervise, supervised, launch <folder>, or inside"
            );
            return 2;
        }
    };
    match done {
        Ok(()) => 0,
        Err(error) => {
            eprintln!("{error}");
            1
        }
    }
}
