/** A sandboxed processor that works for `ms` milliseconds, and ends in order where its BullMQ version hands over a signal. */
module.exports = async (job, _token, signal) => {
  await new Promise((resolve, reject) => {
    setTimeout(resolve, job.data.ms);
    signal?.addEventListener('abort', () => reject(new Error('put everything away')));
  });
  return process.pid;
};
