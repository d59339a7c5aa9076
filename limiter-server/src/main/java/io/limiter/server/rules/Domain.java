package io.limiter.server.rules;

import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * What a domain is made of decides what it can be asked: nothing, rules, or the descriptors of an
 * Envoy configuration. Immutable; safe to share between threads.
 *
 * <p>These are classes because every decision asks for the kind. A check for a class reads one
 * field; a check for one of several interfaces writes to a cache that all threads share.
 */
public abstract sealed class Domain {
  private Domain() {}

  /**
   * Why each part of the domain applies to a request or does not. Looks at all of them, and costs
   * accordingly.
   *
   * @param entries the request's attributes; in a domain of descriptors, one descriptor
   */
  public abstract Explanation explain(List<Descriptor.Entry> entries);

  /** A domain that nobody wrote rules for. */
  public static final class Unknown extends Domain {
    /** The only one. */
    public static final Unknown INSTANCE = new Unknown();

    private Unknown() {}

    @Override
    public Explanation.UnknownDomain explain(List<Descriptor.Entry> entries) {
      return new Explanation.UnknownDomain(Optional.empty());
    }
  }

  /** A domain that a file defines. */
  public abstract static sealed class Known extends Domain {
    private Known() {}

    /** Its name. */
    public abstract String name();

    /** The file that defines it. */
    public abstract String file();

    /** How many rules it has, those that are off included. */
    public abstract int ruleCount();

    /** Whether the file chooses the name of this rule, and no request does. */
    public abstract boolean defines(String rule);
  }

  /** A domain of rules, which match the attributes of a request. */
  public abstract static non-sealed class OfRules extends Known {
    protected OfRules() {}

    /**
     * The rules that apply to a request with these attributes.
     *
     * @throws BadAttributeException if one of them needs an attribute that is not there, or is
     *     something else
     */
    public abstract Match match(Map<String, String> attributes);

    @Override
    public abstract Explanation.OfRules explain(List<Descriptor.Entry> entries);
  }

  /** A domain of descriptors, whose entries have an order that attributes lack. */
  public abstract static non-sealed class OfDescriptors extends Known {
    protected OfDescriptors() {}

    /**
     * Whether every descriptor is charged, also when one is over its limit.
     *
     * @param byDefault what holds if the file says nothing
     */
    public abstract boolean chargeOnDeny(boolean byDefault);

    /** What applies to each descriptor of a request, in order. */
    public abstract List<DescriptorMatch> match(List<Descriptor> descriptors);

    @Override
    public abstract Explanation.OfDescriptors explain(List<Descriptor.Entry> entries);
  }
}
