// In pages that `npm run dev` built, and in no others. Plain JavaScript, because the browser gets it as it is.
{
  const { build } = document.currentScript.dataset;
  const look = async () => {
    const newest = await newestBuild();
    if (newest !== null && newest !== build) location.reload();
    else setTimeout(look, 500);
  };
  setTimeout(look, 500);
}

/** Null while the server starts again. */
async function newestBuild() {
  try {
    const answer = await fetch("/dev-build.txt");
    return answer.ok ? await answer.text() : null;
  } catch {
    return null;
  }
}
