package crontab_test

import (
	"errors"
	"strings"
	"testing"
	"time"

	"example.com/cronline/crontab"
)

const sample = `# backups
MAILTO = ops@example.com

30 2 * * MON-FRI  backup --target=disk  -v
MAILTO=
@daily rotate
`

func TestReadKeepsCommandsLinesAndSettings(t *testing.T) {
	jobs, err := crontab.Read(strings.NewReader(sample))
	if err != nil {
		t.Fatal(err)
	}
	if len(jobs) != 2 {
		t.Fatalf("%d jobs, want 2", len(jobs))
	}
	backup, rotate := jobs[0], jobs[1]
	if backup.Command != "backup --target=disk  -v" || backup.Line != 4 {
		t.Errorf("first job: %q on line %d", backup.Command, backup.Line)
	}
	if backup.Settings["MAILTO"] != "ops@example.com" || rotate.Settings["MAILTO"] != "" {
		t.Errorf("settings: %v and %v", backup.Settings, rotate.Settings)
	}
	if rotate.Schedule.String() != "0 0 * * *" {
		t.Errorf("@daily became %q", rotate.Schedule)
	}
}

func TestReadNamesTheBadLine(t *testing.T) {
	cases := map[string]int{
		"0 0 * * * ok\n61 * * * * bad": 2,
		"\n\n0 0 * * *":                3,
		"@daily":                       1,
	}
	for text, want := range cases {
		_, err := crontab.Read(strings.NewReader(text))
		var lineError *crontab.LineError
		if !errors.As(err, &lineError) || lineError.Line != want {
			t.Errorf("%q: error %v, want one for line %d", text, err, want)
		}
	}
}

func TestDuePicksTheJobsOfTheMinute(t *testing.T) {
	jobs, err := crontab.Read(strings.NewReader(sample))
	if err != nil {
		t.Fatal(err)
	}
	due := crontab.Due(jobs, time.Date(2026, 5, 4, 2, 30, 0, 0, time.UTC))
	if len(due) != 1 || due[0].Line != 4 {
		t.Errorf("due: %v, want the backup", due)
	}
}
