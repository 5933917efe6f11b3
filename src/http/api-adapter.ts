import { ExpressAdapter } from '@nestjs/platform-express';

/** Express, with unknown routes answered by our own filter everywhere. Left alone, Nest does so below the global prefix only. */
export class ApiAdapter extends ExpressAdapter {
  override setNotFoundHandler(handler: Parameters<ExpressAdapter['setNotFoundHandler']>[0]): unknown {
    return super.setNotFoundHandler(handler);
  }
}
