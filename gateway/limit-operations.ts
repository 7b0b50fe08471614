import type { GatewayPlugin } from '@graphql-hive/gateway-runtime';
import { type DocumentNode, GraphQLError, getOperationAST, parse, type ValidationRule } from 'graphql';
import { createCostEstimator } from './estimate-cost.ts';
import { measureOperation, operationsOf } from './measure-operation.ts';

/** What one operation may ask for. */
export interface OperationLimits {
  /** The deepest nesting. */
  readonly maxDepth: number;
  /** The most aliases. */
  readonly maxAliases: number;
  /** The most lexical tokens. */
  readonly maxTokens: number;
  /** The highest cost, as the demand control specification counts it. */
  readonly maxCost: number;
}

const refusal = (reason: string, message: string) =>
  new GraphQLError(message, {
    extensions: { code: 'REJECTED_INPUT', reason, http: { status: 400, spec: true } },
  });

const shapeRule =
  (limits: OperationLimits): ValidationRule =>
  (context) => ({
    Document(document: DocumentNode) {
      for (const operation of operationsOf(document)) {
        const { depth, aliases } = measureOperation(operation, document);
        if (depth > limits.maxDepth) {
          context.reportError(
            refusal(
              'TOO_DEEP',
              `The operation nests ${depth} levels deep; at most ${limits.maxDepth} are allowed.`,
            ),
          );
        }
        if (aliases > limits.maxAliases) {
          context.reportError(
            refusal(
              'TOO_MANY_ALIASES',
              `The operation has ${aliases} aliases; at most ${limits.maxAliases} are allowed.`,
            ),
          );
        }
      }
    },
  });

/**
 * Refuses operations that ask for too much, before anything is executed, over every transport: too many tokens
 * while it is parsed, too deep or with too many aliases while it is validated (both are remembered by document),
 * and too costly with its variables.
 */
export function limitOperations(limits: OperationLimits, supergraphSdl: string): GatewayPlugin {
  const estimate = createCostEstimator(supergraphSdl);
  const rule = shapeRule(limits);

  function assertAffordable(document: DocumentNode, operationName: unknown, variables: unknown): void {
    const operation = getOperationAST(
      document,
      typeof operationName === 'string' ? operationName : undefined,
    );
    if (!operation) return;
    const given =
      typeof variables === 'object' && variables !== null ? (variables as Record<string, unknown>) : {};
    const cost = estimate(document, operation, given);
    if (cost > limits.maxCost) {
      throw refusal(
        'TOO_COSTLY',
        `The operation is estimated to cost ${cost}; at most ${limits.maxCost} is allowed. Ask for shorter lists (\`first\`) or for less of each item.`,
      );
    }
  }

  return {
    onParse({ setParseFn }) {
      setParseFn((source, options) => {
        try {
          return parse(source, { ...options, maxTokens: limits.maxTokens });
        } catch (error) {
          if (!(error instanceof GraphQLError) || !error.message.includes('Parsing aborted')) throw error;
          throw refusal(
            'TOO_MANY_TOKENS',
            `The operation has more than ${limits.maxTokens} tokens, which is the most that is allowed.`,
          );
        }
      });
    },
    onValidate({ addValidationRule }) {
      addValidationRule(rule);
    },
    onExecute({ args }) {
      assertAffordable(args.document, args.operationName, args.variableValues);
    },
    onSubscribe({ args }) {
      assertAffordable(args.document, args.operationName, args.variableValues);
    },
  };
}
