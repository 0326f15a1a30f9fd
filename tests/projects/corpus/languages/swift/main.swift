/* outer
   /* inner */
   outer still */
import Foundation
let text = """
// text
"""
