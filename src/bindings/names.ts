// From names of the language to names of TypeScript. Every name of the language is an identifier, so only the case
// changes; a property may even be called like a keyword.

/** Types of a module: `gemma2_local` gives `Gemma2Local`, `Gemma2LocalCall`, `Gemma2LocalResult` and so on. */
export function typeNames(name: string) {
  const words = name.split("_").filter(Boolean);
  const kernel = words.map((word) => word.charAt(0).toUpperCase() + word.slice(1)).join("") || "Attention";
  return {
    kernel,
    call: `${kernel}Call`,
    tensors: `${kernel}Tensors`,
    params: `${kernel}Params`,
    axes: `${kernel}Axes`,
    result: `${kernel}Result`,
  };
}
