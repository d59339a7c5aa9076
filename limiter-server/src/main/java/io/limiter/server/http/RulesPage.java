package io.limiter.server.http;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.limiter.server.rules.Domain;
import io.limiter.server.rules.PriceList;
import io.limiter.server.rules.live.InForce;
import io.limiter.server.rules.live.RulesState;
import io.limiter.server.rules.table.RuleTable;
import java.util.List;

/** The rules in force and the outcome of the last reload, as JSON. */
final class RulesPage {
  private static final Gson GSON =
      new GsonBuilder().setPrettyPrinting().disableHtmlEscaping().create();

  private RulesPage() {}

  static Page of(RulesState state) {
    InForce inForce = state.inForce();
    JsonObject page = new JsonObject();
    page.addProperty("loaded_at", inForce.since().toString());
    page.addProperty("hash", inForce.hash());
    JsonArray domains = new JsonArray();
    inForce.domains().forEach((name, origin) -> domains.add(domain(inForce.table(), name, origin)));
    page.add("domains", domains);
    JsonArray profiles = new JsonArray();
    inForce
        .profiles()
        .forEach((name, origin) -> profiles.add(profile(inForce.table(), name, origin)));
    page.add("profiles", profiles);
    JsonArray prices = new JsonArray();
    inForce.prices().forEach(list -> prices.add(prices(list)));
    page.add("prices", prices);
    JsonArray problems = new JsonArray();
    state.lastAttempt().problems().forEach(problems::add);
    page.add("problems", problems);
    JsonArray warnings = new JsonArray();
    state.lastAttempt().warnings().forEach(warnings::add);
    page.add("warnings", warnings);
    JsonArray leftOut = new JsonArray();
    state.lastAttempt().leftOut().forEach(leftOut::add);
    page.add("left_out", leftOut);
    JsonArray unreadable = new JsonArray();
    inForce.table().unreadable().keySet().forEach(unreadable::add);
    page.add("unreadable_domains", unreadable);
    JsonArray unreadableProfiles = new JsonArray();
    inForce.table().profiles().unreadable().keySet().forEach(unreadableProfiles::add);
    page.add("unreadable_profiles", unreadableProfiles);
    page.add("last_attempt", attempt(state.lastAttempt()));
    return Page.json(GSON.toJson(page) + "\n");
  }

  private static JsonObject domain(RuleTable table, String name, InForce.Origin origin) {
    JsonObject domain = new JsonObject();
    domain.addProperty("domain", name);
    domain.addProperty("file", origin.content().file());
    domain.addProperty("kind", kind(table.domain(name)));
    domain.addProperty("rules", table.ruleCount(name));
    domain.addProperty("hash", origin.content().sha256());
    List<PriceList> lists = table.prices(name);
    if (!lists.isEmpty()) {
      JsonArray prices = new JsonArray();
      lists.forEach(list -> prices.add(list.name()));
      domain.add("prices", prices);
    }
    domain.addProperty("since", origin.since().toString());
    return domain;
  }

  private static JsonObject profile(RuleTable table, String name, InForce.Origin origin) {
    JsonObject profile = new JsonObject();
    profile.addProperty("profile", name);
    profile.addProperty("file", origin.content().file());
    profile.addProperty("domain", table.profiles().domain(name));
    profile.addProperty("hash", origin.content().sha256());
    profile.addProperty("since", origin.since().toString());
    return profile;
  }

  private static JsonObject prices(InForce.Prices list) {
    JsonObject prices = new JsonObject();
    prices.addProperty("prices", list.name());
    prices.addProperty("file", list.content().file());
    prices.addProperty("hash", list.content().sha256());
    return prices;
  }

  private static String kind(Domain domain) {
    return domain instanceof Domain.OfDescriptors ? "descriptors" : "rules";
  }

  private static JsonObject attempt(RulesState.Attempt last) {
    JsonObject attempt = new JsonObject();
    attempt.addProperty("at", last.at().toString());
    attempt.addProperty("outcome", last.good() ? "good" : "bad");
    last.hash().ifPresent(hash -> attempt.addProperty("hash", hash));
    return attempt;
  }
}
