// Books GPUs of one class for hours, paid in a US dollar token.

import {
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

/** What is wanted; `maxTotal` is in base units of `mint`, fees included. */
export interface Booking {
  id: bigint;
  classId: number;
  gpus: number;
  hours: number;
  mint: Address;
  maxTotal: bigint;
  /** SHA-256 of the job, under which keepers find it. */
  jobHash: Uint8Array;
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
  const create = await market.getCreateOrderInstructionAsync({
    renter,
    class: await pda.hardwareClass(wanted.classId),
    book: await pda.priceBook(wanted.classId),
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
      gpus: wanted.gpus,
      hours: wanted.hours,
      maxTotal: wanted.maxTotal,
      classIds: [wanted.classId, 0, 0, 0],
      kind: 0,
      minTier: 0,
      minReputationBps: 0,
      secureOnly: false,
      countries: Array.from({ length: 8 }, () => new Uint8Array(2)),
      engineerKey: renter.address,
      imageHash: new Uint8Array(32),
      commandHash: wanted.jobHash,
    },
  });
  instructions.push(create);

  const { value: blockhash } = await rpc.getLatestBlockhash().send();
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (m) => setTransactionMessageFeePayerSigner(renter, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash(blockhash, m),
    (m) => appendTransactionMessageInstructions(instructions, m),
  );
  return { order, transaction: await signTransactionMessageWithSigners(message) };
}
