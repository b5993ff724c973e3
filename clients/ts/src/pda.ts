/**
 * Addresses whose seeds an IDL cannot express (fields of accounts, numbers). The others are in the generated modules:
 * `registry.findDevicePda`, `token.findConfigPda`. The seeds are those of each program's constants.rs.
 */

import {
  getAddressEncoder,
  getProgramDerivedAddress,
  getU16Encoder,
  getU32Encoder,
  getU64Encoder,
  type Address,
  type ReadonlyUint8Array,
} from "@solana/kit";

import { IOG_EMISSION_PROGRAM_ADDRESS } from "./generated/emission";
import { IOG_MARKET_PROGRAM_ADDRESS } from "./generated/market";
import { IOG_REGISTRY_PROGRAM_ADDRESS } from "./generated/registry";
import { IOG_STAKING_PROGRAM_ADDRESS } from "./generated/staking";
import { IOG_TOKEN_PROGRAM_ADDRESS } from "./generated/token";
import { IOG_TREASURY_PROGRAM_ADDRESS } from "./generated/treasury";

type Seed = string | ReadonlyUint8Array;

const key = (address: Address): ReadonlyUint8Array => getAddressEncoder().encode(address);

async function find(programAddress: Address, seeds: Seed[]): Promise<Address> {
  const [address] = await getProgramDerivedAddress({ programAddress, seeds });
  return address;
}

/** A beneficiary's vesting schedule. */
export const vesting = (id: number) => find(IOG_TOKEN_PROGRAM_ADDRESS, ["vesting", new Uint8Array([id])]);

/** The right of a PDA to mint. */
export const minter = (authority: Address) => find(IOG_TOKEN_PROGRAM_ADDRESS, ["minter", key(authority)]);

/** A hardware class. */
export const hardwareClass = (id: number) =>
  find(IOG_REGISTRY_PROGRAM_ADDRESS, ["class", getU16Encoder().encode(id)]);

/** A device's proof of the hour; `device` is the account, not the key. */
export const attestation = (device: Address) => find(IOG_REGISTRY_PROGRAM_ADDRESS, ["attestation", key(device)]);

/** The measurers' speed tests of a device account. */
export const measurements = (device: Address) => find(IOG_REGISTRY_PROGRAM_ADDRESS, ["measurements", key(device)]);

/** The stake on a device account. */
export const stake = (device: Address) => find(IOG_STAKING_PROGRAM_ADDRESS, ["stake", key(device)]);

/** An owner's offer to co-stake a device account. */
export const offer = (device: Address) => find(IOG_STAKING_PROGRAM_ADDRESS, ["offer", key(device)]);

/** How many accepted offers an owner has. */
export const ownerBook = (owner: Address) => find(IOG_STAKING_PROGRAM_ADDRESS, ["owner", key(owner)]);

/** A slash case, by its number. */
export const slashCase = (number: bigint) =>
  find(IOG_STAKING_PROGRAM_ADDRESS, ["case", getU64Encoder().encode(number)]);

/** What a renter gets out of a stake for a verdict of the market. */
export const restitution = (verdictAddress: Address) =>
  find(IOG_STAKING_PROGRAM_ADDRESS, ["restitution", key(verdictAddress)]);

/** A page of the emission's ledger: the 128 hours from `128 * index + 1` on. */
export const page = (index: number) => find(IOG_EMISSION_PROGRAM_ADDRESS, ["page", getU32Encoder().encode(index)]);

/** What a device account has earned. */
export const rewards = (device: Address) => find(IOG_EMISSION_PROGRAM_ADDRESS, ["rewards", key(device)]);

/** A renter's order; the renter picks `id`. */
export const order = (renter: Address, id: bigint) =>
  find(IOG_MARKET_PROGRAM_ADDRESS, ["order", key(renter), getU64Encoder().encode(id)]);

/** The part of an order that one device serves; both are accounts. */
export const lease = (orderAddress: Address, device: Address) =>
  find(IOG_MARKET_PROGRAM_ADDRESS, ["lease", key(orderAddress), key(device)]);

/** What the resolver decided about a lease. */
export const verdict = (leaseAddress: Address) => find(IOG_MARKET_PROGRAM_ADDRESS, ["verdict", key(leaseAddress)]);

/** Whether a device account is hired. */
export const occupancy = (device: Address) => find(IOG_MARKET_PROGRAM_ADDRESS, ["occupancy", key(device)]);

/** The price factors and counters of a class. */
export const priceBook = (classId: number) =>
  find(IOG_MARKET_PROGRAM_ADDRESS, ["price_book", getU16Encoder().encode(classId)]);

/** What a supplier has earned in one currency. */
export const earnings = (mint: Address, owner: Address) =>
  find(IOG_MARKET_PROGRAM_ADDRESS, ["earnings", key(mint), key(owner)]);

/** Books of what is escrowed in one currency. */
export const escrow = (mint: Address) => find(IOG_MARKET_PROGRAM_ADDRESS, ["escrow", key(mint)]);

/** Token account that holds all escrows in one currency. */
export const escrowVault = (mint: Address) => find(IOG_MARKET_PROGRAM_ADDRESS, ["vault", key(mint)]);

/** Books of the fees in one currency. */
export const fees = (mint: Address) => find(IOG_TREASURY_PROGRAM_ADDRESS, ["fees", key(mint)]);

/** Token account that holds the fees in one currency. */
export const feeVault = (mint: Address) => find(IOG_TREASURY_PROGRAM_ADDRESS, ["vault", key(mint)]);

/** The auction that spends the fees in one currency. */
export const auction = (mint: Address) => find(IOG_TREASURY_PROGRAM_ADDRESS, ["auction", key(mint)]);
