// Pays what is due to a beneficiary: anyone may, with any wallet.

import {
  appendTransactionMessageInstruction,
  createSolanaRpc,
  createTransactionMessage,
  pipe,
  setTransactionMessageFeePayerSigner,
  setTransactionMessageLifetimeUsingBlockhash,
  signTransactionMessageWithSigners,
  type Address,
  type TransactionSigner,
} from "@solana/kit";

import { pda, token } from "../src";

/** A signed transaction that releases schedule `id` into `beneficiaryToken`, the beneficiary's associated token account. */
export async function releaseVested(url: string, payer: TransactionSigner, id: number, beneficiaryToken: Address) {
  const rpc = createSolanaRpc(url);
  const [configAddress] = await token.findConfigPda();
  const { data: config } = await token.fetchConfig(rpc, configAddress);

  const instruction = await token.getReleaseVestedInstructionAsync({
    vesting: await pda.vesting(id),
    signer: payer,
    ioMint: config.ioMint,
    beneficiaryToken,
    associated: beneficiaryToken,
  });

  const { value: blockhash } = await rpc.getLatestBlockhash().send();
  const message = pipe(
    createTransactionMessage({ version: 0 }),
    (m) => setTransactionMessageFeePayerSigner(payer, m),
    (m) => setTransactionMessageLifetimeUsingBlockhash(blockhash, m),
    (m) => appendTransactionMessageInstruction(instruction, m),
  );
  return signTransactionMessageWithSigners(message);
}
