//! Instructions on orders that move no tokens.

use iog_client::{
    market::{accounts::Order, instructions},
    pda,
};
use solana_instruction::Instruction;
use solana_pubkey::Pubkey;

pub fn end(address: Pubkey, order: &Order, renter: Pubkey) -> Instruction {
    instructions::EndEarly {
        renter,
        order: address,
        escrow: pda::market::escrow(&order.mint),
    }
    .instruction()
}

pub fn cancel(address: Pubkey, order: &Order, renter: Pubkey) -> Instruction {
    instructions::CancelOrder {
        renter,
        order: address,
        escrow: pda::market::escrow(&order.mint),
    }
    .instruction()
}

/// Gives vacant GPUs of a part back.
pub fn reduce(address: Pubkey, order: &Order, renter: Pubkey, part: u8, gpus: u32) -> Instruction {
    instructions::Reduce {
        renter,
        order: address,
        escrow: pda::market::escrow(&order.mint),
        part,
        gpus,
    }
    .instruction()
}

/// Takes IO for a dollar anew; `price` is the account that it is read from.
pub fn price_anew(address: Pubkey, order: &Order, price: Pubkey) -> Instruction {
    instructions::PriceAnew {
        order: address,
        escrow: pda::market::escrow(&order.mint),
        price_source: pda::token::price_source(),
        price,
    }
    .instruction()
}

pub fn expire(address: Pubkey, order: &Order) -> Instruction {
    instructions::ExpireOrder {
        order: address,
        escrow: pda::market::escrow(&order.mint),
    }
    .instruction()
}

pub fn close(address: Pubkey, order: &Order) -> Instruction {
    instructions::CloseOrder {
        order: address,
        stats: pda::market::renter(&order.renter),
        renter: order.renter,
    }
    .instruction()
}
