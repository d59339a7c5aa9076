package io.limiter.server.grpc.load;

import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicLong;
import java.util.function.IntConsumer;
import java.util.function.LongSupplier;

/**
 * How many calls each client is to have under way, so that all together have no more than can be
 * answered soon. What they send beyond that waits in buffers of the network, where nobody sees how
 * old it is, and is answered too late. What they do not send waits with them.
 *
 * <p>The share is max-min fair: those who ask little have what they ask, and the others share the
 * rest in equal parts (D. Bertsekas, R. Gallager, "Data Networks", 6.5.2). How much a client asks
 * is seen by the calls that it begins: one with too many in the network begins them as fast as they
 * are read.
 *
 * <p>Safe to use from any thread, but for {@link Holder#came}.
 */
public final class CallShares {
  /** However many they are, each may have so many. */
  static final int LEAST = 4;

  static final long LOOK_NANOS = TimeUnit.MILLISECONDS.toNanos(50);

  private final int whole;
  private final int most;
  private final LongSupplier nanoTime;
  private final Set<Holder> holders = ConcurrentHashMap.newKeySet();
  private final AtomicLong lookedNanos;

  /**
   * Shares among nobody yet.
   *
   * @param whole the calls of all clients, 1 or more
   * @param most of one client, 1 or more; that is what it was told at first
   */
  public CallShares(int whole, int most, LongSupplier nanoTime) {
    this.whole = whole;
    this.most = most;
    this.nanoTime = nanoTime;
    lookedNanos = new AtomicLong(nanoTime.getAsLong());
  }

  /**
   * A client, which takes part from {@link #add} to {@link #remove}.
   *
   * @param tell tells it how many calls it may have under way; may be called on any thread
   */
  public Holder holder(IntConsumer tell) {
    return new Holder(tell);
  }

  public void add(Holder holder) {
    holders.add(holder);
  }

  public void remove(Holder holder) {
    holders.remove(holder);
  }

  /** Looks who asks how much, if that was not done lately, and tells them. */
  public void look() {
    long now = nanoTime.getAsLong();
    long looked = lookedNanos.get();
    if (now - looked >= LOOK_NANOS && lookedNanos.compareAndSet(looked, now)) {
      share();
    }
  }

  private void share() {
    int[] asking = new int[most + 1];
    for (Holder holder : holders) {
      asking[holder.takeAsked()]++;
    }
    int share = share(asking);
    for (Holder holder : holders) {
      holder.mayHave(share);
    }
  }

  /**
   * The largest share of which the whole is enough for everybody.
   *
   * @param asking how many ask for how much
   */
  private int share(int[] asking) {
    int more = 0;
    for (int n = 1; n <= most; n++) {
      more += asking[n];
    }
    long taken = 0;
    for (int share = 1; share <= most; share++) {
      taken += more;
      if (taken > whole) {
        return Math.min(most, Math.max(LEAST, share - 1));
      }
      more -= asking[share];
    }
    return most;
  }

  /** One client. */
  public final class Holder {
    private final IntConsumer tell;
    private final AtomicLong begun = new AtomicLong();
    private long seen;
    private int asked;
    private int told = most;

    private Holder(IntConsumer tell) {
      this.tell = tell;
    }

    /** It has begun a call. To be called by one thread. */
    public void came() {
      begun.setRelease(begun.getPlain() + 1);
    }

    private int takeAsked() {
      long now = begun.getAcquire();
      asked = (int) Math.min(now - seen, most);
      seen = now;
      return asked;
    }

    /** It need not know of small changes, nor while it asks nothing. */
    private void mayHave(int share) {
      if (asked > 0 && told != share && (share == most || 4 * Math.abs(share - told) >= told)) {
        told = share;
        tell.accept(share);
      }
    }
  }
}
