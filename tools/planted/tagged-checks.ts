// Finds the checks that a comment `// spec D9` at the end of a line ties to a rule: the whole statement that ends there.
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import ts from 'typescript';

/** One statement that enforces a rule. `start` and `end` are offsets into the file's text. */
export interface TaggedCheck {
  readonly file: string;
  /** The line of the tag, from 1. */
  readonly line: number;
  readonly rules: readonly string[];
  readonly start: number;
  readonly end: number;
  readonly statement: string;
}

const TAG = /\/\/ spec ([A-Z][0-9]+(?:, [A-Z][0-9]+)*)/g;

/** Every tagged check of the sources below `directory`, tests and vector tools apart. */
export function taggedChecksBelow(directory: string): readonly TaggedCheck[] {
  return sourcesBelow(directory).flatMap(([file, text]) => taggedChecks(file, text));
}

/** Files with their texts, tests and what only tests use apart. */
function sourcesBelow(directory: string): readonly (readonly [string, string])[] {
  return readdirSync(directory, { recursive: true, encoding: 'utf8' })
    .filter((name) => name.endsWith('.ts') && !name.endsWith('.test.ts') && !name.startsWith('testing/'))
    .sort()
    .map((name) => [join(directory, name), readFileSync(join(directory, name), 'utf8')]);
}

/**
 * The tagged checks of one source. A tag counts where it ends an expression, an `if` without `else` or a `throw`: a statement whose
 * removal leaves the rest whole. At a declaration or a `return` it only cites the rule.
 */
export function taggedChecks(file: string, text: string): readonly TaggedCheck[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const statements = removableStatements(source);
  return [...text.matchAll(TAG)].flatMap((tag) => {
    const ended = statements.filter((each) => isTagOf(each, tag.index, text));
    const whole = ended.sort((a, b) => a.getStart() - b.getStart())[0];
    if (!whole) return [];
    return [
      {
        file,
        line: source.getLineAndCharacterOfPosition(tag.index).line + 1,
        rules: tag[1]?.match(/[A-Z][0-9]+/g) ?? [],
        start: whole.getStart(),
        end: whole.getEnd(),
        statement: whole.getText().replace(/\s+/g, ' '),
      },
    ];
  });
}

/** Every statement of the sources below `directory` that refuses: what x509 has in the place of rules. */
export function refusalsBelow(directory: string): readonly TaggedCheck[] {
  return sourcesBelow(directory).flatMap(([file, text]) => refusals(file, text));
}

function refusals(file: string, text: string): readonly TaggedCheck[] {
  const source = ts.createSourceFile(file, text, ts.ScriptTarget.Latest, true);
  const refusing = removableStatements(source).filter((each) => /\b(refuse|malformed)\(/.test(each.getText()));
  // The innermost that is more than the call alone: the condition goes with it.
  const inner = refusing.filter((each) => !refusing.some((other) => other !== each && isPart(other, each)));
  const whole = inner.map((each) => (ts.isIfStatement(each.parent) ? each.parent : each));
  return whole.map((each) => ({
    file,
    line: source.getLineAndCharacterOfPosition(each.getStart()).line + 1,
    rules: [],
    start: each.getStart(),
    end: each.getEnd(),
    statement: each.getText().replace(/\s+/g, ' '),
  }));
}

/** A call as the one statement of an `if` is that `if`. */
function isPart(inner: ts.Node, outer: ts.Node): boolean {
  return inner.getStart() >= outer.getStart() && inner.getEnd() <= outer.getEnd();
}

/** The text without that statement; nothing else moves to another line. */
export function withoutCheck(text: string, { start, end }: Pick<TaggedCheck, 'start' | 'end'>): string {
  return `${text.slice(0, start)};${text.slice(start, end).replace(/[^\n]/g, '')}${text.slice(end)}`;
}

function removableStatements(source: ts.SourceFile): ts.Statement[] {
  const found: ts.Statement[] = [];
  const visit = (node: ts.Node): void => {
    const isIf = ts.isIfStatement(node) && !node.elseStatement;
    if (isIf || ts.isExpressionStatement(node) || ts.isThrowStatement(node)) found.push(node);
    ts.forEachChild(node, visit);
  };
  visit(source);
  return found;
}

/** The tag follows the statement on its last line, with nothing but space and closing brackets between. */
function isTagOf(statement: ts.Statement, at: number, text: string): boolean {
  return statement.getEnd() <= at && /^[ \t})\];,]*$/.test(text.slice(statement.getEnd(), at));
}
