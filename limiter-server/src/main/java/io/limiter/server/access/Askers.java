package io.limiter.server.access;

import java.util.concurrent.CompletableFuture;
import org.jspecify.annotations.Nullable;

/** Tells who calls, by what is shown. Safe to use from any thread. */
public interface Askers {
  /** Where anybody may do anything: all that is told is where they call from. */
  Askers ANYBODY =
      new Askers() {
        @Override
        public Asker known(Shown shown) {
          return Asker.anybody(shown.origin());
        }

        @Override
        public CompletableFuture<Asker> verify(Shown shown) {
          return CompletableFuture.completedFuture(known(shown));
        }
      };

  /**
   * Who shows this, if that can be told at once.
   *
   * @return null if it takes longer: then {@link #verify} tells
   * @throws AccessException if what is shown proves nothing
   */
  @Nullable Asker known(Shown shown);

  /**
   * Who shows this. The future fails with an {@link AccessException} if it proves nothing; it is
   * completed on a thread that must not be blocked.
   */
  CompletableFuture<Asker> verify(Shown shown);
}
