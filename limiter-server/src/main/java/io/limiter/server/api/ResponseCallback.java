package io.limiter.server.api;

import com.google.rpc.Status;

/**
 * Where the outcome of a call goes. One of the methods is called, once, on the thread that has the
 * outcome. It must not block.
 *
 * <p>A callback, because a stage for each transport would be one more object on the path of every
 * decision, and because its failures come wrapped.
 */
public interface ResponseCallback<T> {

  /** The call is answered. A denial is an answer. */
  void onResponse(T response);

  /**
   * The call is not answered.
   *
   * @param status why, and what the caller should do; {@link Failures} says what each code means
   */
  void onFailure(Status status);

  /** What tells callers apart who are to have equal shares, such as the number of a connection. */
  default int caller() {
    return 0;
  }

  /** Whether nobody waits for the outcome any more. */
  default boolean isGone() {
    return false;
  }
}
