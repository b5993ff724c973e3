//! Jobs that attack their host, run by every engine. Each attack is shown to fail, and where that is cheap to work without a sandbox:
//! a test that cannot fail shows nothing.

#[path = "../support/mod.rs"]
mod support;

mod attack;
#[path = "../container/bench.rs"]
mod bench;
#[path = "../container/dockerd.rs"]
mod dockerd;
mod files;
mod host;
mod resources;

/// One list of attacks, for each engine a test of each.
macro_rules! cases {
    ($($module:ident::$name:ident,)*) => {
        mod sandbox {
            $(#[tokio::test]
            async fn $name() {
                crate::$module::$name(&crate::attack::Host::sandbox()).await;
            })*
        }

        mod container {
            $(#[tokio::test]
            async fn $name() {
                if !crate::support::skips_without_root() {
                    crate::$module::$name(&crate::attack::Host::container()).await;
                }
            })*
        }

        mod docker {
            $(#[tokio::test]
            async fn $name() {
                if !crate::dockerd::skips() {
                    crate::$module::$name(&crate::attack::Host::docker()).await;
                }
            })*
        }
    };
}

cases! {
    files::outputs_are_regular_files_with_harmless_names,
    host::keys_of_the_host_are_not_read,
    host::nothing_is_written_outside,
    host::the_nodes_processes_are_out_of_reach,
    host::rights_of_the_host_are_not_had,
    host::the_jobs_environment_is_not_the_sandboxs,
    host::no_network_of_the_host_is_reached,
    host::another_lease_is_out_of_reach,
    host::only_its_cards_devices_are_there,
    host::daemons_end_with_the_run,
    resources::a_fork_bomb_ends_at_its_limit,
    resources::memory_ends_at_its_limit,
    resources::the_disk_ends_at_its_limit,
    resources::a_flood_of_output_is_bounded,
    resources::busy_jobs_are_stopped_at_once,
}
