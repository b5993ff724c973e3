use super::*;
use std::cell::Cell;

/// No machine has a card of this number.
const NOWHERE: CardName = CardName::Number(9_999);

fn commit(settings: &Settings, shape: Shape) -> (Result<Node, ProverError>, bool) {
    let warned = Cell::new(false);
    let names = vec![NOWHERE; usize::try_from(shape.cards()).unwrap()];
    let walked = settings.commit(
        [3; 32],
        shape,
        &names,
        |prover| prover,
        |_| warned.set(true),
    );
    (walked.map(|(_, root)| root), warned.get())
}

#[test]
fn falls_back_for_all_cards_and_only_when_told_to() {
    let shape = Shape::new(64, 2, 3, 3).unwrap();
    let (cpu, warned) = commit(&Settings::default(), shape);
    assert!(!warned);
    let mut own = iog_pow::CpuProver::new([3; 32], shape, 1);
    assert_eq!(cpu, own.commit());
    for backend in [Backend::Cuda, Backend::Wgpu] {
        let mut settings = Settings {
            backend,
            ..Settings::default()
        };
        let (refused, warned) = commit(&settings, shape);
        let error = refused.unwrap_err();
        assert!(matches!(error, ProverError::Unavailable(_)), "{error}");
        assert!(!warned);
        settings.fallback = true;
        assert_eq!(commit(&settings, shape), (cpu.clone(), true), "{backend}");
    }
}

#[test]
fn giving_up_is_no_reason_to_fall_back() {
    let settings = Settings {
        fallback: true,
        ..Settings::default()
    };
    let stop = |prover: AnyProver| prover.unless(|| true);
    let walked = settings.commit([3; 32], Shape::TEST, &[], stop, |_| unreachable!());
    assert_eq!(walked.err(), Some(ProverError::GivenUp));
}

#[test]
fn the_machine_is_the_cpus_one_card() {
    let settings = Settings {
        threads: 3,
        ..Settings::default()
    };
    let cards = settings.cards().unwrap();
    assert_eq!(cards.len(), 1);
    assert_eq!(cards[0].name, "CPU, 3 threads");
    // It makes as many engines as a walk takes, whatever the cards are called.
    assert_eq!(settings.numbers(&[NOWHERE], 3), Ok(vec![0, 1, 2]));
}

#[test]
fn backends_are_named_as_they_are_printed() {
    for backend in [Backend::Cpu, Backend::Cuda, Backend::Wgpu] {
        assert_eq!(backend.to_string().parse(), Ok(backend));
    }
    assert!("opencl".parse::<Backend>().unwrap_err().contains("cuda"));
}
