/** The tag of everything that is remembered for a tenant. */
export const tenantTag = (tenant: string): string => `tenant:${tenant}`;

/** The tag of everything that is remembered and rests on a document. */
export const documentTag = (tenant: string, documentId: string): string => `document:${tenant}/${documentId}`;
