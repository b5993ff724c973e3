export * from "./generated";
export * as pda from "./pda";
export * from "./job";
