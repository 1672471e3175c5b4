// The grammar: one rule per construct, in the order of the language's reference. Rules only recognise; the tree is built
// from their result elsewhere, and the words of messages come from the provider that is passed in.
//
// Operators stand in a flat chain of terms, whatever their precedence, so a long sum needs no recursion. Constructs that
// the compiler knows by name only are read as balanced brackets and anything in between.

import { CstParser, type IParserErrorMessageProvider } from "chevrotain";
import * as t from "./tokens.ts";

/** Errors in one attention after which its clauses are no longer read. */
const ERROR_LIMIT = 200;

export class AttnParser extends CstParser {
  constructor(errorMessageProvider: IParserErrorMessageProvider, skipValidations = true) {
    super([...t.VOCABULARY], {
      recoveryEnabled: true,
      nodeLocationTracking: "onlyOffset",
      // One token always decides: keywords are told from names before.
      maxLookahead: 1,
      errorMessageProvider,
      skipValidations,
    });
    this.performSelfAnalysis();
  }

  // ── Files and declarations ──

  file = this.RULE("file", () => {
    this.MANY(() => this.SUBRULE(this.declaration));
  });

  declaration = this.RULE("declaration", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.importDeclaration) },
      { ALT: () => this.SUBRULE(this.definition) },
      { ALT: () => this.SUBRULE(this.attention) },
      { ALT: () => this.SUBRULE(this.choice) },
      { ALT: () => this.SUBRULE(this.laterDeclaration) },
    ]);
  });

  /** `import { causal, softcap } from "std"` */
  importDeclaration = this.RULE("importDeclaration", () => {
    this.CONSUME(t.Import);
    this.CONSUME(t.OpenBrace);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.CONSUME(t.Identifier) });
    this.CONSUME(t.CloseBrace);
    this.CONSUME(t.From);
    this.CONSUME(t.StringLiteral);
  });

  /** `mask near(window: int) = q - k < window`, and the same for `fn` and `score`. */
  definition = this.RULE("definition", () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Fn) },
      { ALT: () => this.CONSUME(t.Mask) },
      { ALT: () => this.CONSUME(t.Score) },
    ]);
    this.CONSUME(t.Identifier);
    this.OPTION(() => this.SUBRULE(this.parameters));
    this.CONSUME(t.Equals);
    this.SUBRULE(this.expression);
  });

  /** `attention gpt(window: int) { mask causal }` */
  attention = this.RULE("attention", () => {
    this.CONSUME(t.Attention);
    this.CONSUME(t.Identifier);
    this.OPTION(() => this.SUBRULE(this.parameters));
    this.CONSUME(t.OpenBrace);
    this.MANY({ GATE: () => this.errors.length < ERROR_LIMIT, DEF: () => this.SUBRULE(this.clause) });
    this.CONSUME(t.CloseBrace);
  });

  /** `sparsity top_blocks(n: int) { blocks 64 x 64 keep top n }`, and the same for `permutation`. */
  choice = this.RULE("choice", () => {
    this.OR([{ ALT: () => this.CONSUME(t.Sparsity) }, { ALT: () => this.CONSUME(t.Permutation) }]);
    this.CONSUME(t.Identifier);
    this.OPTION(() => this.SUBRULE(this.parameters));
    this.CONSUME(t.OpenBrace);
    this.MANY({ GATE: () => this.errors.length < ERROR_LIMIT, DEF: () => this.SUBRULE(this.rule) });
    this.CONSUME(t.CloseBrace);
  });

  /** `keep mass coverage of softmax at least 2` */
  rule = this.RULE("rule", () => {
    this.CONSUME(t.RuleKeyword);
    this.SUBRULE(this.rulePart);
    this.MANY(() => this.SUBRULE(this.linkedPart));
  });

  linkedPart = this.RULE("linkedPart", () => {
    this.OR([{ ALT: () => this.CONSUME(t.LinkWord) }, { ALT: () => this.CONSUME(t.Comma) }]);
    this.SUBRULE(this.rulePart);
  });

  rulePart = this.RULE("rulePart", () => {
    this.MANY(() => this.CONSUME(t.FormWord));
    this.OPTION(() => this.SUBRULE(this.expression));
  });

  /** `eviction`, `pipeline`: known by name only. */
  laterDeclaration = this.RULE("laterDeclaration", () => {
    this.CONSUME(t.LaterDeclaration);
    this.CONSUME(t.Identifier);
    this.MANY(() => this.SUBRULE(this.skipped));
  });

  // ── Parameters ──

  parameters = this.RULE("parameters", () => {
    this.CONSUME(t.OpenParen);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.parameter) });
    this.CONSUME(t.CloseParen);
  });

  /** `const block: int in 1..256 = 64`, `doc: i32[batch, token] sorted` */
  parameter = this.RULE("parameter", () => {
    this.OPTION1(() => this.CONSUME(t.Const));
    this.CONSUME(t.Identifier);
    this.OPTION2(() => {
      this.CONSUME(t.Colon);
      this.SUBRULE(this.type);
    });
    this.OPTION3(() => this.SUBRULE(this.range));
    this.OPTION4(() => this.CONSUME(t.Sorted));
    this.OPTION5(() => {
      this.CONSUME(t.Equals);
      this.SUBRULE(this.expression);
    });
  });

  type = this.RULE("type", () => {
    this.CONSUME(t.Identifier);
    this.OPTION(() => {
      this.CONSUME(t.OpenBracket);
      this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.expression) });
      this.CONSUME(t.CloseBracket);
    });
  });

  /** `in 1..4096`, `in 0..`, `in ..1` */
  range = this.RULE("range", () => {
    this.CONSUME(t.In);
    this.OPTION1(() => this.SUBRULE1(this.expression, { LABEL: "low" }));
    this.CONSUME(t.Range);
    this.OPTION2(() => this.SUBRULE2(this.expression, { LABEL: "high" }));
  });

  // ── Clauses of an attention ──

  clause = this.RULE("clause", () => {
    this.OR([
      { ALT: () => this.SUBRULE(this.gridClause) },
      { ALT: () => this.SUBRULE(this.valueClause) },
      { ALT: () => this.SUBRULE(this.normalizeClause) },
      { ALT: () => this.SUBRULE(this.emptyClause) },
      { ALT: () => this.SUBRULE(this.outputClause) },
      { ALT: () => this.SUBRULE(this.useClause) },
      { ALT: () => this.SUBRULE(this.laterClause) },
    ]);
  });

  /** `grid (y: 32, x) from prefix` */
  gridClause = this.RULE("gridClause", () => {
    this.CONSUME(t.Grid);
    this.CONSUME(t.OpenParen);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.gridAxis) });
    this.CONSUME(t.CloseParen);
    this.OPTION(() => {
      this.CONSUME(t.From);
      this.SUBRULE(this.expression);
    });
  });

  gridAxis = this.RULE("gridAxis", () => {
    this.CONSUME(t.Identifier);
    this.OPTION(() => {
      this.CONSUME(t.Colon);
      this.SUBRULE(this.expression);
    });
  });

  /** Clauses that are a keyword and an expression. */
  valueClause = this.RULE("valueClause", () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Mask) },
      { ALT: () => this.CONSUME(t.Score) },
      { ALT: () => this.CONSUME(t.Scale) },
      { ALT: () => this.CONSUME(t.Weight) },
      { ALT: () => this.CONSUME(t.Align) },
    ]);
    this.SUBRULE(this.expression);
  });

  /** `normalize softmax(sink = z)` */
  normalizeClause = this.RULE("normalizeClause", () => {
    this.CONSUME(t.Normalize);
    this.CONSUME1(t.Identifier, { LABEL: "form" });
    this.OPTION(() => {
      this.CONSUME(t.OpenParen);
      this.CONSUME2(t.Identifier, { LABEL: "option" });
      this.CONSUME(t.Equals);
      this.SUBRULE(this.expression);
      this.CONSUME(t.CloseParen);
    });
  });

  emptyClause = this.RULE("emptyClause", () => {
    this.CONSUME(t.Empty);
    this.CONSUME(t.Identifier);
  });

  /** `output lse`, `output mass = sum[query] p` */
  outputClause = this.RULE("outputClause", () => {
    this.CONSUME(t.Output);
    this.CONSUME(t.Identifier);
    this.OPTION(() => {
      this.CONSUME(t.Equals);
      this.SUBRULE(this.expression);
    });
  });

  /** `sparsity top_blocks(8)`, `permute tiles(8, 8)` */
  useClause = this.RULE("useClause", () => {
    this.OR([{ ALT: () => this.CONSUME(t.Sparsity) }, { ALT: () => this.CONSUME(t.Permute) }]);
    this.CONSUME(t.Identifier);
    this.OPTION(() => this.SUBRULE(this.callArguments));
  });

  laterClause = this.RULE("laterClause", () => {
    this.CONSUME(t.LaterClause);
    this.MANY(() => this.SUBRULE(this.skipped));
  });

  /** Anything, with its brackets in pairs. */
  skipped = this.RULE("skipped", () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Anything) },
      {
        ALT: () => {
          this.CONSUME(t.OpenParen);
          this.MANY1(() => this.SUBRULE1(this.skipped));
          this.CONSUME(t.CloseParen);
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.OpenBracket);
          this.MANY2(() => this.SUBRULE2(this.skipped));
          this.CONSUME(t.CloseBracket);
        },
      },
      {
        ALT: () => {
          this.CONSUME(t.OpenBrace);
          this.MANY3(() => this.SUBRULE3(this.skipped));
          this.CONSUME(t.CloseBrace);
        },
      },
    ]);
  });

  // ── Expressions ──

  /** Terms with operators between them; the table of precedence makes a tree of it. */
  expression = this.RULE("expression", () => {
    this.SUBRULE1(this.term);
    this.MANY(() => {
      this.CONSUME(t.Infix);
      this.SUBRULE2(this.term);
    });
  });

  /** An operand with what stands before it: `not`, `-`, reductions. */
  term = this.RULE("term", () => {
    this.MANY(() => this.SUBRULE(this.prefix));
    this.OR({
      DEF: [
        { ALT: () => this.SUBRULE(this.conditional) },
        { ALT: () => this.SUBRULE(this.nested) },
        { ALT: () => this.SUBRULE(this.reference) },
        { ALT: () => this.CONSUME(t.NumberLiteral) },
        { ALT: () => this.CONSUME(t.True) },
        { ALT: () => this.CONSUME(t.False) },
      ],
      ERR_MSG: "an expression",
    });
  });

  /** `-`, `not`, `mean[query: last 32]` */
  prefix = this.RULE("prefix", () => {
    this.OR([
      { ALT: () => this.CONSUME(t.Minus) },
      { ALT: () => this.CONSUME(t.Not) },
      {
        ALT: () => {
          this.SUBRULE(this.reduction);
        },
      },
    ]);
  });

  /** `mean[query: last 32]`, `avg_pool[key, 5]` */
  reduction = this.RULE("reduction", () => {
    this.CONSUME(t.Reduction);
    this.CONSUME(t.OpenBracket);
    this.CONSUME(t.Identifier);
    this.OPTION1(() => {
      this.CONSUME(t.Colon);
      this.CONSUME(t.FormWord);
      this.SUBRULE1(this.expression, { LABEL: "range" });
    });
    this.OPTION2(() => {
      this.CONSUME(t.Comma);
      this.SUBRULE2(this.expression, { LABEL: "width" });
    });
    this.CONSUME(t.CloseBracket);
  });

  conditional = this.RULE("conditional", () => {
    this.CONSUME(t.If);
    this.SUBRULE1(this.expression, { LABEL: "condition" });
    this.CONSUME(t.Then);
    this.SUBRULE2(this.expression, { LABEL: "whenTrue" });
    this.CONSUME(t.Else);
    this.SUBRULE3(this.expression, { LABEL: "whenFalse" });
  });

  nested = this.RULE("nested", () => {
    this.CONSUME(t.OpenParen);
    this.SUBRULE(this.expression);
    this.CONSUME(t.CloseParen);
  });

  /** `window`, `softcap(50.0)`, `bias[q, k]`, `q.y` */
  reference = this.RULE("reference", () => {
    this.CONSUME1(t.Identifier, { LABEL: "name" });
    this.OPTION(() => {
      this.OR([
        { ALT: () => this.SUBRULE(this.callArguments) },
        { ALT: () => this.SUBRULE(this.indices) },
        {
          ALT: () => {
            this.CONSUME(t.Dot);
            this.CONSUME2(t.Identifier, { LABEL: "member" });
          },
        },
      ]);
    });
  });

  callArguments = this.RULE("callArguments", () => {
    this.CONSUME(t.OpenParen);
    this.MANY_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.expression) });
    this.CONSUME(t.CloseParen);
  });

  indices = this.RULE("indices", () => {
    this.CONSUME(t.OpenBracket);
    this.AT_LEAST_ONE_SEP({ SEP: t.Comma, DEF: () => this.SUBRULE(this.index) });
    this.CONSUME(t.CloseBracket);
  });

  /** `q - k`, or `0..<64` of a vector. */
  index = this.RULE("index", () => {
    this.SUBRULE1(this.expression, { LABEL: "first" });
    this.OPTION(() => {
      this.CONSUME(t.UpTo);
      this.SUBRULE2(this.expression, { LABEL: "end" });
    });
  });
}
