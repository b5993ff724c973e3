// Books GPUs for hours, of one class or several, paid in a US dollar token.

import {
  AccountRole,
  appendTransactionMessageInstructions,
  createSolanaRpc,
  createTransactionMessage,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
  type Address,
  type Instruction,
  type TransactionSigner,
} from "@solana/kit";

import { market, pda, token } from "../src";

/** GPUs of a class, and classes that will do for it at their own price, where that is not higher. */
export interface Part {
  classId: number;
  gpus: number;
  /** Exactly so many GPUs on each machine; 0 or none for any. Devices of classes that are proved have 1 to `maxCards`, eight at most. */
  perMachine?: number;
  alternatives?: number[];
}

/** What is wanted; `maxTotal` is in base units of `mint`, fees included. Beside it 20,000 lamports a GPU are deposited. */
export interface Booking {
  id: bigint;
  /** Up to four entries, alternatives counted. */
  parts: Part[];
  hours: number;
  mint: Address;
  maxTotal: bigint;
  /** SHA-256 of the job, under which keepers find it. */
  jobHash: Uint8Array;
  /** Public key that may open the link to the devices: not the wallet's. `iog` makes one and keeps its secret; a page never holds it. */
  engineerKey: Address;
  /** Public key that signs receipts for what was served; without it none are. */
  receiptKey?: Address;
  /** Only devices of this owner; without it anybody's. */
  owner?: Address;
}

/** 32 zeros: no key. */
const NONE = "11111111111111111111111111111111" as Address;

/** The program's four entries: each part, and behind it the classes that will do for it. */
function entries(parts: Part[]) {
  const listed = parts.flatMap((part) => [
    { classId: part.classId, perMachine: part.perMachine ?? 0, gpus: part.gpus },
    ...(part.alternatives ?? []).map((classId) => ({ classId, perMachine: 0, gpus: 0 })),
  ]);
  if (parts.length === 0 || listed.length > 4) throw new Error("an order takes 1 to 4 classes");
  const none = Array.from({ length: 4 - listed.length }, () => ({ classId: 0, perMachine: 0, gpus: 0 }));
  return [...listed, ...none];
}

/** Class and price book of every part but the first follow the named accounts. */
async function shelf(parts: Part[]) {
  const pairs = parts.slice(1).map(async (part) => [await pda.hardwareClass(part.classId), await pda.priceBook(part.classId)]);
  const addresses = (await Promise.all(pairs)).flat();
  return addresses.map((address) => ({ address, role: AccountRole.READONLY }));
}

/** A signed transaction that books, and the address of the order. */
export async function bookGpus(url: string, renter: TransactionSigner, renterToken: Address, wanted: Booking) {
  const rpc = createSolanaRpc(url);
  const order = await pda.order(renter.address, wanted.id);
  const [stats] = await market.findStatsPda({ renter: renter.address });
  const [priceSource] = await token.findPriceSourcePda();

  const instructions: Instruction[] = [];
  const known = await market.fetchMaybeRenterStats(rpc, stats);
  if (!known.exists) {
    instructions.push(await market.getOpenRenterInstructionAsync({ payer: renter, renter: renter.address }));
  }
  const parts = entries(wanted.parts);
  const first = parts[0]!.classId;
  const create = await market.getCreateOrderInstructionAsync({
    renter,
    class: await pda.hardwareClass(first),
    book: await pda.priceBook(first),
    priceSource,
    // Read only for orders in IO.
    price: priceSource,
    stats,
    order,
    escrow: await pda.escrow(wanted.mint),
    vault: await pda.escrowVault(wanted.mint),
    renterToken,
    mint: wanted.mint,
    args: {
      id: wanted.id,
      parts,
      hours: wanted.hours,
      maxTotal: wanted.maxTotal,
      kind: 0,
      minTier: 0,
      platform: 0,
      minReputationBps: 0,
      secureOnly: false,
      countries: Array.from({ length: 8 }, () => new Uint8Array(2)),
      engineerKey: wanted.engineerKey,
      receiptKey: wanted.receiptKey ?? NONE,
      owner: wanted.owner ?? NONE,
      imageHash: new Uint8Array(32),
      commandHash: wanted.jobHash,
    },
  });
  instructions.push({ ...create, accounts: [...create.accounts, ...(await shelf(wanted.parts))] });

  const { value: blockhash } = await rpc.getLatestBlockhash().send();
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (m) => setTransactionMessageFeePayerSigner(renter, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash(blockhash, m),
    (m) => appendTransactionMessageInstructions(instructions, m),
  );
  return { order, transaction: await signTransactionMessageWithSigners(message) };
}
