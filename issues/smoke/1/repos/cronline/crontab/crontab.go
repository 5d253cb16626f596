// Package crontab reads crontab files.
package crontab

import (
	"bufio"
	"errors"
	"fmt"
	"io"
	"strings"
	"time"

	"example.com/cronline"
)

// scheduleFields is how many fields precede the command.
const scheduleFields = 5

// Job is one command of a crontab.
type Job struct {
	Schedule cronline.Schedule
	Command  string
	// Line is the number of the job's line, starting with 1.
	Line int
	// Settings holds the NAME=value lines above the job.
	Settings map[string]string
}

// LineError says which line of a crontab cannot be read, and why.
type LineError struct {
	Line int
	Err  error
}

func (e *LineError) Error() string { return fmt.Sprintf("crontab line %d: %v", e.Line, e.Err) }

func (e *LineError) Unwrap() error { return e.Err }

// Read reads a crontab. It stops at the first line it cannot read, with a
// *LineError.
func Read(r io.Reader) ([]Job, error) {
	var jobs []Job
	settings := map[string]string{}
	lines := bufio.NewScanner(r)
	for number := 1; lines.Scan(); number++ {
		line := strings.TrimSpace(lines.Text())
		if line == "" || strings.HasPrefix(line, "#") {
			continue
		}
		if name, value, ok := cutSetting(line); ok {
			settings = withSetting(settings, name, value)
			continue
		}
		job, err := parseJob(line)
		if err != nil {
			return nil, &LineError{Line: number, Err: err}
		}
		job.Line, job.Settings = number, settings
		jobs = append(jobs, job)
	}
	return jobs, lines.Err()
}

// Due returns the jobs that fire in the minute of t, in UTC.
func Due(jobs []Job, t time.Time) []Job {
	var due []Job
	for _, job := range jobs {
		if job.Schedule.Matches(t) {
			due = append(due, job)
		}
	}
	return due
}

// cutSetting splits a NAME=value line. Names have no blanks, which sets such
// lines apart from commands that contain an equals sign.
func cutSetting(line string) (name, value string, ok bool) {
	name, value, ok = strings.Cut(line, "=")
	name = strings.TrimSpace(name)
	if !ok || name == "" || strings.ContainsAny(name, " \t") {
		return "", "", false
	}
	return name, strings.TrimSpace(value), true
}

// withSetting returns a changed copy, as jobs above keep the settings they had.
func withSetting(settings map[string]string, name, value string) map[string]string {
	changed := map[string]string{name: value}
	for other, kept := range settings {
		if other != name {
			changed[other] = kept
		}
	}
	return changed
}

// parseJob reads the schedule and the command of a line.
func parseJob(line string) (Job, error) {
	expression, command := splitJob(line)
	schedule, err := cronline.Parse(expression)
	if err != nil {
		return Job{}, err
	}
	if command == "" {
		return Job{}, errors.New("there is no command")
	}
	return Job{Schedule: schedule, Command: command}, nil
}

// splitJob cuts a line behind its schedule, leaving blanks in the command
// as they are.
func splitJob(line string) (expression, command string) {
	fields := scheduleFields
	if strings.HasPrefix(line, "@") {
		fields = 1
	}
	rest := line
	for ; fields > 0; fields-- {
		end := strings.IndexAny(rest, " \t")
		if end < 0 {
			return line, ""
		}
		rest = strings.TrimLeft(rest[end:], " \t")
	}
	return line[:len(line)-len(rest)], rest
}
