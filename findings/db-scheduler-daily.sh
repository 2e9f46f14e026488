#!/usr/bin/env bash
# db-scheduler for Java: a job of every day at 02:30 in New York, written in its two ways, where the clock skips 02:00 to 03:00.
# We expected that `Schedules.daily(zone, 02:30)` and `Schedules.cron("0 30 2 * * *", zone)` name the same times. On 14 March 2027 the first has
# 03:30, and the second leaves the day out. So a job that is moved from one to the other, as to run on weekdays only, loses a day of the year.
# docs/schedules.md has a table of what schedulers do with a skipped time. Taskway has one way to write it, and fires at 03:00.
set -euo pipefail
place=$(mktemp -d)
trap 'rm -rf "$place"' EXIT
cd "$place"

cat >pom.xml <<'XML'
<project xmlns="http://maven.apache.org/POM/4.0.0">
  <modelVersion>4.0.0</modelVersion><groupId>daily</groupId><artifactId>daily</artifactId><version>1</version>
  <dependencies>
    <dependency><groupId>com.github.kagkarlsson</groupId><artifactId>db-scheduler</artifactId><version>16.9.0</version></dependency>
    <dependency><groupId>com.cronutils</groupId><artifactId>cron-utils</artifactId><version>9.2.1</version></dependency>
  </dependencies>
</project>
XML
mvn -q -B dependency:build-classpath -Dmdep.outputFile=path >log 2>&1 || { cat log; exit 1; }
cat >Daily.java <<'JAVA'
import com.github.kagkarlsson.scheduler.task.ExecutionComplete;
import com.github.kagkarlsson.scheduler.task.schedule.Schedule;
import com.github.kagkarlsson.scheduler.task.schedule.Schedules;
import java.time.*;

public class Daily {
  static final ZoneId ZONE = ZoneId.of("America/New_York");

  static void show(String name, Schedule schedule) {
    Instant last = ZonedDateTime.of(2027, 3, 12, 12, 0, 0, 0, ZONE).toInstant();
    StringBuilder line = new StringBuilder(name);
    for (int i = 0; i < 3; i++) {
      last = schedule.getNextExecutionTime(ExecutionComplete.simulatedSuccess(last));
      line.append(' ').append(last.atZone(ZONE).toLocalDateTime());
    }
    System.out.println(line);
  }

  public static void main(String[] arguments) {
    show("daily:", Schedules.daily(ZONE, LocalTime.of(2, 30)));
    show("cron:", Schedules.cron("0 30 2 * * *", ZONE));
  }
}
JAVA
seen=$(java -cp "$(cat path)" Daily.java 2>/dev/null)
echo 'db-scheduler 16.9.0, the times after 2027-03-12T12:00; expected: the same of both'
echo "$seen"
[ "$seen" = 'daily: 2027-03-13T02:30 2027-03-14T03:30 2027-03-15T02:30
cron: 2027-03-13T02:30 2027-03-15T02:30 2027-03-16T02:30' ] || { echo 'this has changed' >&2; exit 1; }
echo 'as found: the cron expression loses a day'
