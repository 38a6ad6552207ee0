import type { FastifyInstance } from 'fastify';
import { z } from 'zod';
import { type Clock, systemClock } from '../clock.ts';
import { ConfigurationError, UnknownModelError } from '../errors.ts';
import type { Inspector } from '../inspector/inspector.ts';
import { COMMANDS, type Command } from '../inspector/protocol.ts';
import type { Logger } from '../router-options.ts';
import { silent } from './app.ts';
import { readBody } from './body.ts';
import { ServerError } from './errors.ts';
import { checkMediaType, checkSite } from './guard.ts';
import { Access, checkOwnHeader } from './inspector-access.ts';
import { addAssets } from './inspector-assets.ts';
import { addFrames } from './inspector-frames.ts';
import { endedCookie, sessionCookie } from './inspector-session.ts';
import { note } from './log.ts';
import { Tries } from './tries.ts';

export interface InspectorSettings {
  readonly adminKey: string | undefined;
  /** Of sessions and connections; not of what is shown. Default: the process's. */
  readonly clock?: Clock;
  /** Where the built page lies. Default: in this package. */
  readonly folder?: string;
  /** Counts wrong keys together with whatever else asks for the key. Default: it counts its own. */
  readonly tries?: Tries;
  /** Told of every control that was carried out. Silent by default. */
  readonly logger?: Logger;
}

/** What of an inspector is served. */
export type InspectorPort = Pick<Inspector, 'watch' | 'request' | 'control' | 'close'>;

/** A body here names a model, or holds a key. */
const BODY_LIMIT_BYTES = 8_192;

/** For the page: it loads, asks and is framed by nothing but what this server has. */
const SAFEGUARDS = {
  'content-security-policy':
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data:; connect-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'cross-origin-opener-policy': 'same-origin',
};

/** The inspector below `/inspector/`: its page, whose files are public, and what the page asks. Closed with the app. */
export function addInspector(app: FastifyInstance, inspector: InspectorPort, settings: InspectorSettings): void {
  const { adminKey, clock = systemClock, folder, tries = new Tries(clock), logger = silent } = settings;
  const access = new Access(adminKey, clock, tries);
  // Relative, so that it holds behind a proxy that has the server below a path.
  app.get('/inspector', async (_request, reply) => reply.redirect('inspector/', 308));
  app.register(
    async (scope) => {
      scope.addHook('onRequest', async (_request, reply) => {
        reply.headers(SAFEGUARDS);
      });
      addAssets(scope, folder);
      // A link from elsewhere opens the page; what the page asks is asked by nobody else's.
      scope.register(async (own) => {
        own.addHook('onRequest', async ({ headers }) => checkSite(headers));
        addSession(own, access);
        own.register(async (viewing) => {
          viewing.addHook('onRequest', async (request) => access.checkView(request));
          addFrames(viewing, { inspector, access, clock });
          addRequests(viewing, inspector);
          addControl(viewing, { inspector, access, logger });
        });
      });
    },
    { prefix: '/inspector' },
  );
  app.addHook('onClose', async () => inspector.close());
}

const keySchema = z.strictObject({ key: z.string().describe('a string') });

/** `session`: what the viewer may do, and how it comes to may more. */
function addSession(app: FastifyInstance, access: Access): void {
  app.get('/session', async (request) => access.sessionOf(request));
  app.register(async (changes) => {
    changes.addHook('onRequest', async (request) => checkOwnHeader(request));
    changes.delete('/session', async (request, reply) => {
      access.signOut(request);
      reply.header('set-cookie', endedCookie(request));
      return access.sessionOf(request);
    });
    changes.register(async (json) => {
      json.addHook('onRequest', async ({ headers }) => checkMediaType(headers));
      json.post('/session', { bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
        const token = access.signIn(request, readBody(keySchema, request.body).key);
        if (token === null) return access.sessionOf(request);
        reply.header('set-cookie', sessionCookie(request, token));
        return { view: true, control: true, keyed: true };
      });
    });
  });
}

/** `GET requests/:id`: one settled request. */
function addRequests(app: FastifyInstance, inspector: InspectorPort): void {
  app.get<{ Params: { readonly id: string } }>('/requests/:id', async ({ params }) => {
    const detail = inspector.request(params.id);
    if (detail !== undefined) return detail;
    throw new ServerError('not_found', 'id: given that of no request; accepted: one of the last 1,000 that settled');
  });
}

const controlSchema = z.strictObject({
  model: z.string().describe('the name of a model'),
  command: z.enum(COMMANDS).describe(COMMANDS.join(', ')),
});

interface ControlPorts {
  readonly inspector: InspectorPort;
  readonly access: Access;
  readonly logger: Logger;
}

/** `POST control`: what an operator does to a model. */
function addControl(app: FastifyInstance, { inspector, access, logger }: ControlPorts): void {
  app.register(async (json) => {
    json.addHook('onRequest', async (request) => {
      checkOwnHeader(request);
      access.checkControl(request);
      checkMediaType(request.headers);
    });
    json.post('/control', { bodyLimit: BODY_LIMIT_BYTES }, async (request, reply) => {
      const { model, command } = readBody(controlSchema, request.body);
      control(inspector, model, command);
      note(request, { model });
      logger.info({ model, command, request_id: request.id }, 'an operator has controlled a model');
      return reply.code(204).send();
    });
  });
}

/** @throws {UnknownModelError} */
function control(inspector: InspectorPort, model: string, command: Command): void {
  try {
    inspector.control(model, command);
  } catch (error) {
    throw error instanceof ConfigurationError ? new UnknownModelError(error.message) : error;
  }
}
