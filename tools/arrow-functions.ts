// Why this exists: `let f=a=>b` is 14 bytes less than `function f(a){return b}`, and no minifier dares to make it from a declaration, which
// can be called before its line, with `new`, and be assigned to. Here the functions come before everything that runs, and the compiler
// refuses in the sources to call one with `new` or to assign to it. @see decisions/0007
import { type FunctionDeclaration, type ModuleItem, parse, print, type VariableDeclarator } from '@swc/core';

/** The module with its outermost functions as arrow functions, at its beginning; one with `this` or `arguments`, or a generator, stays. */
export async function withArrowFunctions(code: string): Promise<string> {
  const module = await parse(code, { syntax: 'ecmascript', target: 'es2022' });
  const functions = module.body.filter(canBeArrow);
  if (functions.length === 0) return code;
  const rest = module.body.filter((item) => !canBeArrow(item));
  const { span } = module;
  const declarations = functions.map(asArrow);
  module.body = [{ type: 'VariableDeclaration', span, kind: 'const', declare: false, declarations, ...HERE }, ...rest];
  return (await print(module, { minify: true })).code;
}

/** The scope that swc's printer wants to be named, and its types do not have. */
const HERE = { ctxt: 0 };

function canBeArrow(item: ModuleItem): item is FunctionDeclaration {
  if (item.type !== 'FunctionDeclaration' || item.generator) return false;
  return !/"type":"ThisExpression"|"value":"arguments"/.test(JSON.stringify(item));
}

function asArrow({ identifier, params, body, async, span }: FunctionDeclaration): VariableDeclarator {
  if (!body) throw new Error('A function without a body.');
  const init = { type: 'ArrowFunctionExpression', span, params: params.map(({ pat }) => pat), body, async } as const;
  return {
    type: 'VariableDeclarator',
    span,
    id: identifier,
    init: { ...init, generator: false, ...HERE },
    definite: false,
  };
}
