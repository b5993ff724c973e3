//! What suppliers and the network offer: price books, listed devices, quotes.

use iog_client::market::instructions::{
    AddPriceBook, DelistDevice, ListDevice, OpenEarnings, OpenRenter, Quote as GetQuote,
    RelistDevice, SetPriceBook, SetResolver,
};
use iog_client::market::{ListingArgs, Location, PriceBookArgs, Quote, QuoteArgs};
use iog_client::pda;
use solana_pubkey::Pubkey;

use super::{Currency, CURRENCIES};
use crate::world::{Meta, Outcome, PubkeyOf, Supplier, World};

/// Every currency that the market has, as bits.
pub const ALL_CURRENCIES: u8 = 0b111;
/// A factor of one.
pub const NEUTRAL: u16 = 10_000;

/// A price book in which the base price is the price.
pub fn price_book_args() -> PriceBookArgs {
    PriceBookArgs {
        kink_bps: NEUTRAL,
        slope1_bps: 0,
        slope2_bps: 0,
        tier_bps: [NEUTRAL; 5],
        peak_bps: NEUTRAL,
        peak_hours: 0,
        commitment_bps: [NEUTRAL; 3],
        locations: [Location {
            country: [0; 2],
            factor_bps: NEUTRAL,
        }; 8],
    }
}

impl World {
    pub fn add_price_book_ix(&self, class_id: u16, args: PriceBookArgs) -> AddPriceBook {
        AddPriceBook {
            authority: self.authority.pubkey_of(),
            class: pda::registry::class(class_id),
            book: pda::market::price_book(class_id),
            args,
        }
    }

    pub fn add_price_book(&mut self, class_id: u16, args: PriceBookArgs) -> Meta {
        self.govern(self.add_price_book_ix(class_id, args).instruction())
    }

    pub fn set_price_book_ix(&self, class_id: u16, args: PriceBookArgs) -> SetPriceBook {
        SetPriceBook {
            authority: self.authority.pubkey_of(),
            book: pda::market::price_book(class_id),
            args,
        }
    }

    pub fn set_resolver(&mut self, resolver: &Pubkey) -> Meta {
        let set = SetResolver {
            authority: self.authority.pubkey_of(),
            resolver: *resolver,
        };
        self.govern(set.instruction())
    }

    /// The network's authority pays for a renter's statistics.
    pub fn open_renter_ix(&self, renter: &Pubkey) -> OpenRenter {
        OpenRenter {
            payer: self.authority.pubkey_of(),
            renter: *renter,
            stats: pda::market::renter(renter),
        }
    }

    pub fn open_earnings_ix(&self, supplier: &Supplier, currency: Currency) -> OpenEarnings {
        OpenEarnings {
            owner: supplier.owner.pubkey_of(),
            escrow: self.escrow_of(currency),
            earnings: self.earnings_of(supplier, currency),
        }
    }

    /// The supplier's devices take every currency from now on.
    pub fn open_earnings(&mut self, supplier: &Supplier) {
        for currency in CURRENCIES {
            let open = self.open_earnings_ix(supplier, currency);
            let there = self.find(&open.earnings);
            if there.is_none_or(|account| account.data.is_empty()) {
                self.must(open.instruction(), &[&supplier.owner]);
            }
        }
    }

    /// A listing in every currency.
    pub fn list_device_ix(&self, supplier: &Supplier, floor_usd6: u64) -> ListDevice {
        ListDevice {
            owner: supplier.owner.pubkey_of(),
            device: supplier.device,
            class: supplier.class,
            stake: supplier.stake,
            book: supplier.price_book(),
            occupancy: supplier.occupancy,
            args: ListingArgs {
                floor_usd6,
                currencies: ALL_CURRENCIES,
            },
        }
    }

    pub fn list_device(&mut self, supplier: &Supplier, floor_usd6: u64) -> Meta {
        let list = self.list_device_ix(supplier, floor_usd6).instruction();
        self.must(list, &[&supplier.owner])
    }

    pub fn relist_device_ix(&self, supplier: &Supplier) -> RelistDevice {
        RelistDevice {
            device_key: supplier.device_key.pubkey_of(),
            device: supplier.device,
            class: supplier.class,
            stake: supplier.stake,
            book: supplier.price_book(),
            occupancy: supplier.occupancy,
        }
    }

    /// The device lists itself again.
    pub fn relist_device(&mut self, supplier: &Supplier) -> Meta {
        let payer = self.authority.insecure_clone();
        let relist = self.relist_device_ix(supplier).instruction();
        self.must(relist, &[&payer, &supplier.device_key])
    }

    pub fn delist_device_ix(&self, signer: &Pubkey, supplier: &Supplier) -> DelistDevice {
        DelistDevice {
            signer: *signer,
            device: supplier.device,
            class: supplier.class,
            stake: supplier.stake,
            book: supplier.price_book(),
            occupancy: supplier.occupancy,
        }
    }

    /// The owner takes its device off the market.
    pub fn delist_device(&mut self, supplier: &Supplier) -> Meta {
        let delist = self.delist_device_ix(&supplier.owner.pubkey_of(), supplier);
        self.must(delist.instruction(), &[&supplier.owner])
    }

    pub fn quote_ix(&self, currency: Currency, class_id: u16, args: QuoteArgs) -> GetQuote {
        GetQuote {
            class: pda::registry::class(class_id),
            book: pda::market::price_book(class_id),
            price_source: pda::token::price_source(),
            price: self.price,
            escrow: self.escrow_of(currency),
            line: (currency == Currency::Iosd).then(pda::market::credit_line),
            args,
        }
    }

    /// Asks the program what an order would cost.
    pub fn try_quote(
        &mut self,
        currency: Currency,
        class_id: u16,
        args: QuoteArgs,
    ) -> Result<Quote, Box<crate::Failure>> {
        let keeper = self.authority.insecure_clone();
        let quote = self.quote_ix(currency, class_id, args).instruction();
        let outcome: Outcome = self.send(&[quote], &[&keeper]);
        let meta = outcome.map_err(Box::new)?;
        Ok(borsh::from_slice(&meta.returned).expect("a quote is returned"))
    }

    /// What an order would cost, at a price of IO that is fresh.
    pub fn quote(&mut self, currency: Currency, class_id: u16, args: QuoteArgs) -> Quote {
        self.try_quote(currency, class_id, args)
            .unwrap_or_else(|failure| panic!("{failure:?}"))
    }
}

impl Supplier {
    /// The price book of the device's class.
    pub fn price_book(&self) -> Pubkey {
        pda::market::price_book(self.class_id)
    }
}
