import { BoundedText } from '../http/bounded-text.pipe.js';

export const TASK_ID = new BoundedText('a task id');

export const DOCUMENTED_ID = {
  name: 'id',
  description: 'The id, percent-encoded; of a Bull or BullMQ task also the bare job id, where only one task has it',
  example: 'training:42',
};
