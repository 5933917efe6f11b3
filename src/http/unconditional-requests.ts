import type { NextFunction, Request, Response } from 'express';

/** Answers are live and carry no tag. Express would still answer `If-None-Match: *` by 304, without a body, whatever there is to tell. */
export function answerAlways(request: Request, _: Response, next: NextFunction): void {
  delete request.headers['if-none-match'];
  next();
}
