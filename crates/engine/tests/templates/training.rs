//! Data-parallel training.

use crate::{machines::made, support::Bench};
use serde_json::Value;
use std::{fs, path::Path};

/// Largest difference of a weight: 5e-7 was measured after 800 steps; sums are taken in another order.
const TOLERANCE: f64 = 1e-4;

fn result(work: &Path) -> Value {
    let text = fs::read_to_string(work.join("out/result.json")).unwrap();
    serde_json::from_str(&text).unwrap()
}

fn weights(result: &Value) -> Vec<f64> {
    let by_name = result["weights"].as_object().unwrap().values();
    let all = by_name.flat_map(|weights| weights.as_array().unwrap());
    all.map(|weight| weight.as_f64().unwrap()).collect()
}

/// Real PyTorch (Debian's), real all-reduce (Gloo) between two namespaces.
#[tokio::test]
async fn training_on_two_machines_gives_the_weights_of_one() {
    let bench = Bench::new();
    let made = made("pytorch-ddp", &[("disk", "64MiB")], &[]);
    let one = result(&made.alone(&bench).await.work);
    let [head, other] = made.together(&bench).await;
    let two = result(&head.work);
    assert_eq!(
        (one["processes"].as_u64(), two["processes"].as_u64()),
        (Some(1), Some(2))
    );
    // It learnt something, which a network that was never trained does not know.
    assert_eq!(one["right"].as_f64(), Some(1.0));
    let (one, two) = (weights(&one), weights(&two));
    assert_eq!((one.len(), two.len()), (1_218, 1_218));
    let differences = one.iter().zip(&two).map(|(a, b)| (a - b).abs());
    let most = differences.fold(0.0, f64::max);
    println!("largest difference of a weight: {most:e}");
    assert!(most < TOLERANCE, "{most:e}");
    // Rank 0 alone keeps the model.
    assert!(
        head.work.join("out/model.pt").exists()
            && !other.work.join("out").join("model.pt").exists()
    );
}
