import { type CustomDecorator, SetMetadata } from '@nestjs/common';

export const STREAM_KEY = 'taskscope:stream';

/** Declares that a handler answers by a stream that stays open: their number per caller is limited, and who may no longer see it is cut off. */
export const Streams = (): CustomDecorator => SetMetadata(STREAM_KEY, true);
