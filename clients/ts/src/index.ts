export * from "./generated";
export * as pda from "./pda";
