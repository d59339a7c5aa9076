package io.limiter.jmh.load;

import com.google.gson.Gson;
import com.google.gson.GsonBuilder;
import com.google.gson.JsonArray;
import com.google.gson.JsonObject;
import io.limiter.jmh.load.pace.Totals;
import io.limiter.jmh.load.service.Machine;
import io.limiter.jmh.load.service.Usage;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.OptionalDouble;

/** The results as JSON. */
final class Report {
  private static final Gson GSON = new GsonBuilder().setPrettyPrinting().create();

  private final JsonObject json = new JsonObject();

  Report(Machine machine, Instant now) {
    json.addProperty("date", now.toString());
    json.addProperty("cpu", machine.cpu());
    json.addProperty("processors", machine.processors());
    json.addProperty("jdk", machine.jdk());
    json.addProperty("redis", machine.redis());
  }

  /** What was asked, and what came of it. */
  void add(String name, LoadFlags flags, List<Round> rounds) {
    JsonObject settings = new JsonObject();
    settings.addProperty("given", String.join(" ", flags.own()));
    flags.settings().forEach(settings::addProperty);
    JsonArray array = new JsonArray();
    rounds.forEach(round -> array.add(json(round)));
    JsonObject all = new JsonObject();
    all.add("settings", settings);
    all.add("rounds", array);
    json.add(name, all);
  }

  void add(String name, Ratios ratios) {
    JsonObject all = new JsonObject();
    all.addProperty("median", ratios.median());
    all.addProperty("min", ratios.min());
    all.addProperty("max", ratios.max());
    all.add("pairs", GSON.toJsonTree(ratios.each()));
    json.add(name, all);
  }

  private static JsonObject json(Round round) {
    Totals totals = round.totals();
    JsonObject json = new JsonObject();
    json.addProperty("decisionsPerSecond", round.rate());
    json.addProperty("decisions", totals.decisions());
    json.addProperty("seconds", round.timing().seconds());
    json.addProperty("p50Millis", totals.millisAt(50));
    json.addProperty("p90Millis", totals.millisAt(90));
    json.addProperty("p99Millis", totals.millisAt(99));
    json.addProperty("p999Millis", totals.millisAt(99.9));
    json.addProperty("maxMillis", totals.maxMillis());
    json.addProperty("errors", totals.failed());
    json.add("errorsByKind", GSON.toJsonTree(totals.failures()));
    json.addProperty("firstError", totals.firstFailure());
    round.charged().ifPresent(charged -> json.addProperty("charged", charged));
    json.addProperty("admitted", totals.admitted());
    add(json, "chargedShareOfErrors", round.chargedOfFailed());
    json.addProperty("dropped", round.timing().dropped());
    json.addProperty("deniedShare", totals.deniedShare());
    Usage used = round.used();
    add(json, "redisScriptCallsPerDecision", round.perDecision(used.redisScripts()));
    add(json, "redisCommandsPerDecision", round.perDecision(used.redisCommands()));
    add(json, "redisCpuMicrosPerDecision", round.perDecision(used.redisCpuMicros()));
    add(json, "serviceCpuMicrosPerDecision", round.perDecision(used.serviceCpuMicros()));
    add(json, "clientCpuMicrosPerDecision", round.perDecision(used.clientCpuMicros()));
    return json;
  }

  private static void add(JsonObject json, String name, OptionalDouble value) {
    value.ifPresent(present -> json.addProperty(name, present));
  }

  void write(Path file) throws IOException {
    Files.writeString(file, toString(), StandardCharsets.UTF_8);
  }

  @Override
  public String toString() {
    return GSON.toJson(json) + "\n";
  }
}
