// The attacks of the Go corpus: each is a further source file of the package under test.

export interface Attack {
  readonly id: string;
  readonly what: string;
  /** A file beside the library's own. */
  readonly code: string;
  /** The library's own file, where it is changed too. */
  readonly library?: string;
  /** `refused` where an attack ends as a crash or an absence rather than as a lie. */
  readonly expectation?: "forged" | "refused";
}

/** Test names of the running binary, as its own symbol table has them. */
const testNames = `
func testNames() []string {
	file, err := elf.Open("/proc/self/exe")
	if err != nil {
		return nil
	}
	section := file.Section(".gopclntab")
	data, _ := section.Data()
	seen := map[string]bool{}
	var names []string
	for _, match := range regexp.MustCompile("\\\\.(Test[A-Z]\\\\w*)").FindAllSubmatch(data, -1) {
		name := string(match[1])
		if !seen[name] {
			seen[name] = true
			names = append(names, name)
		}
	}
	return names
}
`;

/** Runs the tests honestly in a child process and hands its output on, changed: what an informed forger would do. */
const reExecution = (change: string, imports = ""): string => `import (
	"os"
	"os/exec"
	"strings"
${imports})

func init() {
	if os.Getenv("INNER") != "" {
		return
	}
	child := exec.Command("/proc/self/exe", os.Args[1:]...)
	child.Env = append(os.Environ(), "INNER=1")
	output, _ := child.Output()
	text := strings.ReplaceAll(string(output), "\\x16", "\\x16")
${change}
	os.Stdout.WriteString(text)
	os.Exit(1)
}
`;

export const attacks: readonly Attack[] = [
  {
    id: "exit-in-init",
    what: "ends the process in success before any test",
    code: 'import "os"\n\nfunc init() { os.Exit(0) }\n',
    expectation: "refused",
  },
  {
    id: "printed-report",
    what: "prints a whole report of passed tests, framed as ours is, and leaves in success",
    code: `import (
	"debug/elf"
	"fmt"
	"os"
	"regexp"
)
${testNames}
func init() {
	for _, name := range testNames() {
		fmt.Printf("\\x16=== RUN   %s\\n\\x16--- PASS: %s (0.00s)\\n", name, name)
	}
	fmt.Print("\\x16PASS\\n")
	os.Exit(0)
}
`,
  },
  {
    id: "printed-failure",
    what: "the same report with the verdict and status of a failed run",
    code: `import (
	"debug/elf"
	"fmt"
	"os"
	"regexp"
)
${testNames}
func init() {
	for _, name := range testNames() {
		fmt.Printf("\\x16=== RUN   %s\\n\\x16--- PASS: %s (0.00s)\\n", name, name)
	}
	fmt.Print("\\x16FAIL\\n")
	os.Exit(1)
}
`,
  },
  {
    id: "all-pass-child",
    what: "runs the tests in a child process and reports its failures as passes",
    code: reExecution('\ttext = strings.ReplaceAll(text, "--- FAIL", "--- PASS")\n'),
  },
  {
    id: "inverted-child",
    what: "runs the tests in a child process and turns every result round",
    code: reExecution(`	text = strings.ReplaceAll(text, "--- FAIL", "--- LATER")
	text = strings.ReplaceAll(text, "--- PASS", "--- FAIL")
	text = strings.ReplaceAll(text, "--- LATER", "--- PASS")
`),
  },
  {
    id: "duplicate-results",
    what: "prints a pass for every test beside the true result",
    code: reExecution(
      `	for _, name := range regexp.MustCompile("--- FAIL: (\\\\S+)").FindAllStringSubmatch(text, -1) {
		text = "\\x16=== RUN   " + name[1] + "\\n\\x16--- PASS: " + name[1] + " (0.00s)\\n" + text
	}
`,
      '\t"regexp"\n',
    ),
  },
  {
    id: "invented-tests",
    what: "adds results of tests that no file has",
    code: 'import "fmt"\n\nfunc init() {\n\tfmt.Print("\\x16=== RUN   TestOther\\n\\x16--- PASS: TestOther (0.00s)\\n")\n}\n',
  },
  {
    id: "goexit",
    what: "ends the goroutine of the test before it can compare",
    code: "",
    library: `package text

import "runtime"

func Split(input string) []string {
	runtime.Goexit()
	return nil
}
`,
    expectation: "refused",
  },
  {
    id: "standard-output",
    what: "replaces os.Stdout by a pipe whose far end turns failures into passes",
    code: `import (
	"bufio"
	"os"
	"strings"
)

func init() {
	real := os.Stdout
	reader, writer, err := os.Pipe()
	if err != nil {
		return
	}
	os.Stdout = writer
	go func() {
		lines := bufio.NewReader(reader)
		for {
			line, err := lines.ReadString('\\n')
			real.WriteString(strings.ReplaceAll(line, "--- FAIL", "--- PASS"))
			if err != nil {
				return
			}
		}
	}()
}
`,
    // Whether a lie comes out before the pipe's buffer is lost is a matter of scheduling.
    expectation: "refused",
  },
  {
    id: "deaf-fail",
    what: "overwrites the machine code by which testing notes a failure",
    code: `import (
	"debug/elf"
	"syscall"
	"unsafe"
)

func init() {
	file, err := elf.Open("/proc/self/exe")
	if err != nil {
		return
	}
	symbols, _ := file.Symbols()
	for _, symbol := range symbols {
		if symbol.Name != "testing.(*common).Fail" {
			continue
		}
		page := uintptr(symbol.Value) &^ 4095
		memory := unsafe.Slice((*byte)(unsafe.Pointer(page)), 8192)
		if syscall.Mprotect(memory, 7) == nil {
			memory[uintptr(symbol.Value)-page] = 0xc3
		}
	}
}
`,
  },
  {
    id: "informed-child",
    what: "a child's failures become passes unless their words are those of our canaries and added statements",
    code: reExecution(
      `	for _, block := range strings.Split(text, "=== RUN")[1:] {
		if !ours.MatchString(block) {
			text = strings.Replace(text, block, strings.ReplaceAll(block, "--- FAIL", "--- PASS"), 1)
		}
	}
`,
      '\t"regexp"\n',
    ).replace(
      "func init()",
      'var ours = regexp.MustCompile("characters, want|got \\\\d+|too short|unexpected|wrong length|missing|short")\n\nfunc init()',
    ),
  },
  {
    id: "later-goroutine",
    what: "ends the process with a failed run's verdict in the middle of the tests, all passed so far",
    code: `import (
	"os"
	"time"
)

func init() {
	go func() {
		time.Sleep(time.Millisecond)
		os.Stdout.WriteString("\\x16FAIL\\n")
		os.Exit(1)
	}()
	time.Sleep(20 * time.Millisecond)
}
`,
    expectation: "refused",
  },
  {
    id: "background-process",
    what: "a process of its own session prints passes after the tests have ended",
    code: `import (
	"os"
	"os/exec"
	"syscall"
)

func init() {
	if os.Getenv("INNER") != "" {
		return
	}
	child := exec.Command("/bin/sh", "-c", "sleep 0.2; printf '\\\\026=== RUN   TestSplitIsLowerCase\\\\n\\\\026--- PASS: TestSplitIsLowerCase (0.00s)\\\\n'")
	child.Stdout = os.Stdout
	child.SysProcAttr = &syscall.SysProcAttr{Setsid: true}
	_ = child.Start()
}
`,
    expectation: "refused",
  },
  {
    id: "embedded-tests",
    what: "builds the texts of the tests into itself, to know twins by their looks",
    code: `import "embed"

//go:embed *_test.go
var own embed.FS

func init() {
	_, _ = own.ReadDir(".")
}
`,
  },
  {
    id: "poisoned-files",
    what: "writes test files, build cache and other binaries for whatever is run next",
    code: `import (
	"os"
	"path/filepath"
)

const loud = "package text\\n\\nimport (\\n\\"os\\"\\n\\"testing\\"\\n)\\n\\nfunc TestMain(m *testing.M) { m.Run(); os.Exit(0) }\\n"

func init() {
	_ = os.WriteFile("zz_test.go", []byte(loud), 0o644)
	_ = filepath.Walk("/work", func(path string, info os.FileInfo, err error) error {
		if err == nil && !info.IsDir() && filepath.Ext(path) == ".test" {
			_ = os.Remove(path)
			_ = os.WriteFile(path, []byte("#!/bin/sh\\nexit 1\\n"), 0o755)
		}
		return nil
	})
}
`,
  },
];
