export { commandsDocument } from './commands-document.ts';
export { createProgram, runProgram } from './program.ts';
export { processTerminal, type Terminal } from './terminal.ts';
