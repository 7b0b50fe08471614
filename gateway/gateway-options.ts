import type { Config } from '../platform/config/config.ts';
import type { AuthenticationOptions } from './authenticate.ts';
import type { GatewayLimits } from './create-gateway.ts';

/** The settings that say what clients may ask for. */
export const limitsOf = (config: Config): GatewayLimits => ({
  maxDepth: config.maxDepth,
  maxAliases: config.maxAliases,
  maxTokens: config.maxTokens,
  maxCost: config.maxCost,
  maxBodyBytes: config.maxBodyBytes,
  maxSubscriptionsPerSocket: config.maxSubscriptionsPerSocket,
});

/** The settings that say who may ask. */
export const authenticationOf = (config: Config): AuthenticationOptions => ({
  apiKeys: config.apiKeys,
  jwksUrl: config.jwksUrl,
  jwtIssuer: config.jwtIssuer,
  jwtAudience: config.jwtAudience,
  jwtTenantClaim: config.jwtTenantClaim,
});
