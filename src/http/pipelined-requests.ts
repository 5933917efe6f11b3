import type { Socket } from 'node:net';
import type { NextFunction, Request, Response } from 'express';

/** Per connection the answers that wait behind another one. */
const WAITING = new WeakMap<Socket, Set<Response>>();

/**
 * Node handles a request at once, also where the answer to the one before it on the same connection is not over, as that of a stream never
 * is. Such an answer hears nothing of the connection's end. Here it does, so that the audit writes the request down, and whoever holds
 * something for it lets go.
 */
export function endPipelined(request: Request, response: Response, next: NextFunction): void {
  if (response.socket === null) waitingOn(request.socket).add(response);
  next();
}

function waitingOn(socket: Socket): Set<Response> {
  const known = WAITING.get(socket);
  if (known !== undefined) return known;
  const waiting = new Set<Response>();
  WAITING.set(socket, waiting);
  socket.once('close', () => {
    for (const response of waiting) {
      // Whose turn had come has heard of it.
      if (response.socket !== null || response.writableFinished) continue;
      response.destroy();
      response.emit('close');
    }
  });
  return waiting;
}
