//! What must hold of the market's books after every step.

use iog_client::market::accounts::PriceBook;
use iog_client::pda;
use iog_client::token::accounts::NetEmission;
use solana_pubkey::Pubkey;

use super::{Currency, CURRENCIES};
use crate::world::{Supplier, World};

impl World {
    /// Panics unless what was deposited is all accounted for, in the order and in its currency's books.
    #[track_caller]
    pub fn check_order_books(&self, order: &Pubkey) {
        let books = self.order(order);
        assert_eq!(
            books.deposited_units,
            books.paid_units + books.refunded_units + books.fee_units + books.escrowed_units,
            "the order's books"
        );
        assert!(
            books.refund_due_units <= books.refunded_units,
            "the refund due"
        );
        assert!(
            books.spare_units + books.rerate_units <= books.escrowed_units,
            "the order's spare money"
        );
        for part in books.parts {
            assert!(part.accepted <= part.matched && part.matched <= part.gpus);
        }
        self.check_escrow(self.currency_of(&books.mint));
    }

    /// Panics unless a currency's books add up and its vault holds exactly what is owed.
    #[track_caller]
    pub fn check_escrow(&self, currency: Currency) {
        self.check_escrow_with(currency, 0);
    }

    /// The same of a vault to which `donated` units were sent; of IOSD it is the vault of the credit line.
    #[track_caller]
    pub fn check_escrow_with(&self, currency: Currency, donated: u64) {
        let books = self.escrow(currency);
        let booked =
            books.paid_units + books.refunded_units + books.fee_units + books.escrowed_units;
        assert_eq!(books.deposited_units, booked, "the books of {currency:?}");
        assert_eq!(books.mint, self.mint_of(currency));
        let dues = books.refunds_due_units + books.fees_due_units;
        if currency == Currency::Iosd {
            assert_eq!(books.earnings_due_units, 0, "suppliers of IOSD have claims");
            let outstanding = books.escrowed_units + dues;
            assert_eq!(self.outstanding_iosd(), outstanding, "outstanding IOSD");
            let line = self.credit_line();
            assert!(line.claimed_units >= line.funded_units, "the line's claims");
            let burned = self.read::<NetEmission>(&pda::token::net_emission());
            let backed = burned.burned_units + line.incentive_units;
            assert!(line.claimed_units <= backed, "the line is solvent");
            let held = line.funded_units - line.paid_units;
            let vault = pda::market::credit_vault();
            assert_eq!(self.balance(&vault), held + donated, "the line's vault");
        } else {
            let owed = books.escrowed_units + books.earnings_due_units + dues;
            assert_eq!(
                self.balance(&books.vault),
                owed + donated,
                "the vault of {currency:?}"
            );
        }
    }

    /// [`World::check_escrow`] of every currency.
    #[track_caller]
    pub fn check_escrows(&self) {
        for currency in CURRENCIES {
            self.check_escrow(currency);
        }
    }

    pub fn price_book(&self, class_id: u16) -> PriceBook {
        self.read(&pda::market::price_book(class_id))
    }

    /// Panics unless a class's counters are the sums over its devices, which these are, and no two of them share a lease.
    #[track_caller]
    pub fn check_price_book(&self, class_id: u16, suppliers: &[&Supplier]) {
        let places: Vec<_> = suppliers
            .iter()
            .filter(|supplier| supplier.class_id == class_id)
            .filter(|supplier| self.find(&supplier.occupancy).is_some())
            .map(|supplier| self.occupancy(supplier))
            .collect();
        let sum =
            |counts: &dyn Fn(usize) -> u32| (0..places.len()).map(|n| u64::from(counts(n))).sum();
        let online: u64 = sum(&|n| places[n].online_gpus);
        let hired: u64 = sum(&|n| match places[n].online_gpus {
            0 => 0,
            _ => places[n].hired_gpus,
        });
        let book = self.price_book(class_id);
        assert_eq!((book.online_gpus, book.hired_gpus), (online, hired));
    }
}
