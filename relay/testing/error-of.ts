/** What a promise was rejected with; throws when it was not. uvu has no `assert.rejects`. */
export async function errorOf(running: Promise<unknown>): Promise<Error> {
  try {
    await running;
  } catch (error) {
    return error as Error;
  }
  throw new Error('it was expected to fail, and did not');
}
