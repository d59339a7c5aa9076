/** A gateway to language models that holds its callers to the rules of Limiter. */
@NullMarked
package example.llm;

import org.jspecify.annotations.NullMarked;
