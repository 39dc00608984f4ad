/** Where a command says what it has to say, line by line. */
export interface Terminal {
  out(line: string): void;
  err(line: string): void;
}
