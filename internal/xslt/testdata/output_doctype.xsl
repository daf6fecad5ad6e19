<xsl:stylesheet version="1.0" xmlns:xsl="http://www.w3.org/1999/XSL/Transform">
  <xsl:output method="xml" doctype-public="-//X//Y//EN" doctype-system="http://example.com/x.dtd" encoding="UTF-8" standalone="no"/>
  <xsl:template match="/"><r/></xsl:template>
</xsl:stylesheet>
