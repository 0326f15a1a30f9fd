// A view.
export function View() {
  return (
    <p>
      {/* said in braces is code around a comment */}
      words
    </p>
  );
}
