package io.limiter.server.access;

import java.util.List;

/** Hears whom access is refused, and who asks. Called on any thread, often; must not block. */
public interface AccessListener {
  /** Hears nothing. */
  AccessListener NONE = refusal -> {};

  /** Something was refused. */
  void refused(Refusal refusal);

  /**
   * A caller who is known asked, within its bounds.
   *
   * @param caller its name; empty for whoever shows nothing
   * @param questions how many, 1 or more
   */
  default void asked(String caller, int questions) {}

  /**
   * The files of access were read.
   *
   * @param good whether what they say is in force
   * @param table the one in force
   */
  default void loaded(boolean good, AccessTable table) {}

  /**
   * What was refused to whom.
   *
   * @param caller its name; empty if it is not known
   * @param by how it was told, see {@link Credential#word}
   * @param method what it wanted, by its word; empty if it did not get so far
   * @param domain as it was asked for, by anybody who reaches the port; empty if there is none
   * @param why as the caller is told
   */
  record Refusal(
      String caller,
      String by,
      String method,
      String domain,
      AccessException.Kind kind,
      Origin origin,
      String why) {}

  /** All of them, in this order. */
  static AccessListener all(List<AccessListener> listeners) {
    List<AccessListener> all = List.copyOf(listeners);
    return new AccessListener() {
      @Override
      public void refused(Refusal refusal) {
        all.forEach(one -> one.refused(refusal));
      }

      @Override
      public void asked(String caller, int questions) {
        for (int i = 0; i < all.size(); i++) {
          all.get(i).asked(caller, questions);
        }
      }

      @Override
      public void loaded(boolean good, AccessTable table) {
        all.forEach(one -> one.loaded(good, table));
      }
    };
  }
}
