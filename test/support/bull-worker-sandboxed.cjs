/** A sandboxed processor that works for `ms` milliseconds. */
module.exports = async (job) => {
  await new Promise((resolve) => setTimeout(resolve, job.data.ms));
  return process.pid;
};
