package render

import (
	"bytes"
	"encoding/xml"
	"regexp"
	"strings"
)

// Hadoop replaces ${name} in whatever it reads, by variables, system properties or other properties, and has no escape.
// Spark does so with many of its own properties, and hands others to Hadoop. This is what either takes for a name.
var substituted = regexp.MustCompile(`\$\{[^} ]+\}`)

// hadoopProblem says why a value would not come out of a Hadoop configuration as it went in.
func hadoopProblem(value string) string {
	switch {
	case value == "":
		return "is empty, which Hadoop takes for not set"
	case strings.ContainsFunc(value, notXML):
		return "has characters that XML 1.0 cannot carry"
	case substituted.MatchString(value):
		return "contains ${…}, which Hadoop replaces"
	}
	return ""
}

func notXML(r rune) bool {
	return r < ' ' && r != '\t' && r != '\n' && r != '\r' || r == 0xfffe || r == 0xffff
}

// hadoopConfiguration is the shape of core-site.xml. No property is final: what is laid over it may change it.
type hadoopConfiguration struct {
	XMLName    xml.Name         `xml:"configuration"`
	Properties []hadoopProperty `xml:"property"`
}

type hadoopProperty struct {
	Name  string `xml:"name"`
	Value string `xml:"value"`
}

func encodeHadoop(pairs []pair) []byte {
	var c hadoopConfiguration
	for _, p := range pairs {
		c.Properties = append(c.Properties, hadoopProperty{Name: p.name, Value: p.text})
	}
	b := bytes.NewBufferString(xml.Header)
	enc := xml.NewEncoder(b)
	enc.Indent("", "  ")
	if err := enc.Encode(c); err != nil {
		panic("render: encoding HADOOP_XML")
	}
	b.WriteByte('\n')
	return b.Bytes()
}
