import { z } from 'zod';
import { PERMISSIONS } from '../core/permissions.js';

const name = z.string().min(1).max(200);
const names = z.array(z.string().min(1).max(512)).min(1);
const networks = z.array(z.string().min(2)).min(1);
const header = z
  .string()
  .regex(/^[A-Za-z0-9-]{1,100}$/, 'the name of a header')
  .transform((text) => text.toLowerCase());
const origin = z
  .string()
  .regex(/^https?:\/\/[a-z0-9.-]+(:\d{1,5})?$/i, 'an origin such as https://taskscope.example.org')
  .transform((text) => text.toLowerCase());

const scope = {
  sources: names.exactOptional().describe('Only these sources, by name or beginning and *'),
  queues: names.exactOptional().describe('Only these queues, by name or beginning and *'),
};

const mappingSchema = z.strictObject({
  role: name.describe('viewer, operator, admin or one of auth.roles'),
  groups: names.exactOptional(),
  emails: names.exactOptional(),
  domains: names.exactOptional(),
  everybody: z.literal(true).exactOptional(),
  ...scope,
});

export const openTo = z.union([z.enum(['open', 'permission']), networks]);

/** Who may do what. */
export const accessSettingsSchema = z.strictObject({
  required: z
    .boolean()
    .exactOptional()
    .describe('Everybody has to sign in or send a token. Where it is missing: yes once users, oidc or proxy are set'),
  users: z
    .array(
      z.strictObject({
        name,
        passwordHash: z
          .string()
          .regex(
            /^scrypt\$\d{4,7}\$\d{1,2}\$\d{1,2}\$[A-Za-z0-9_-]{16,86}\$[A-Za-z0-9_-]{43}$/,
            'what taskscope hash-password prints',
          ),
        role: name,
        ...scope,
      }),
    )
    .max(1000)
    .default([])
    .describe(
      'Users by name, each with passwordHash (from taskscope hash-password) and role, and optionally only some sources and queues',
    ),
  roles: z
    .record(
      name,
      z.strictObject({
        permissions: z.array(z.enum(PERMISSIONS)),
        actions: names.exactOptional(),
      }),
    )
    .default({})
    .describe(
      `Roles of your own: permissions (${PERMISSIONS.join(', ')}), and optionally only some actions by operationId`,
    ),
  oidc: z
    .strictObject({
      issuer: z.url().describe('Where its /.well-known/openid-configuration is'),
      clientId: name,
      clientSecret: z.string().min(1).exactOptional(),
      label: name.default('Sign in with OpenID Connect'),
      scopes: names.default(['openid', 'profile', 'email']),
      groupsClaim: name.default('groups'),
      verifiedEmail: z.boolean().default(true),
      allowHttp: z.boolean().default(false),
      mapping: z.array(mappingSchema).min(1),
    })
    .nullable()
    .default(null)
    .describe(
      'An OpenID Connect provider: issuer, clientId, clientSecret, and mapping of groups, emails or domains to roles; needs http.publicUrl',
    ),
  proxy: z
    .strictObject({
      userHeader: header,
      groupsHeader: header.exactOptional(),
      addresses: networks,
      mapping: z.array(mappingSchema).min(1),
    })
    .nullable()
    .default(null)
    .describe(
      'A proxy that signs people in: userHeader, optional groupsHeader, its addresses, and the mapping to roles',
    ),
  metrics: openTo
    .default('permission')
    .describe('Who may read /metrics: permission, open, or also these addresses without a token'),
  docs: openTo
    .default('permission')
    .describe('Who may read /docs: permission, open, or also these addresses without signing in'),
  sessions: z
    .strictObject({
      idleMinutes: z.int().min(1).max(10_080).default(60).describe('A session that is not used for so long ends'),
      absoluteHours: z.int().min(1).max(720).default(12).describe('Every session ends after so long'),
    })
    .prefault({}),
  limits: z
    .strictObject({
      reads: z.int().min(1).default(6000).describe('Requests per minute and caller that only look'),
      changes: z.int().min(1).default(300).describe('Requests per minute and caller that change something'),
      signIns: z.int().min(1).default(10).describe('Attempts to sign in per minute and address'),
      streams: z.int().min(1).default(10).describe('Streams of events that a caller may have open'),
    })
    .prefault({}),
});

/** How the service is reached. */
export const httpSettingsSchema = z.strictObject({
  publicUrl: origin
    .exactOptional()
    .describe('Where browsers find the service, such as https://taskscope.example.org; needed for OpenID Connect'),
  hosts: z
    .array(z.string().min(1))
    .default([])
    .describe(
      'Names by which the service may be called, besides publicUrl, addresses, localhost and names without a dot; * for any',
    ),
  corsOrigins: z.array(origin).default([]).describe('Origins of other sites whose pages may call the API with a token'),
  trustedProxies: z
    .array(z.string().min(2))
    .default([])
    .describe('Addresses or networks of proxies whose X-Forwarded-* headers are believed'),
});

export const tlsSettingsSchema = z.strictObject({
  certFile: z.string().min(1).describe('Certificate with its chain, PEM; read again when it changes'),
  keyFile: z.string().min(1).describe('Its private key, PEM'),
  clientCaFile: z.string().min(1).exactOptional().describe('Clients must show a certificate of this authority'),
  minVersion: z.enum(['TLSv1.2', 'TLSv1.3']).default('TLSv1.2'),
});

export type AccessSettings = z.infer<typeof accessSettingsSchema>;
